import Cluster
import LinuxSystem
import Model
import TestSupport
import Testing

@testable import ClusterRuntime

/// Which changes of hosts are reported, and when a host is given up.
struct HostWatchTests {
    private let hosts = HostWatch()
    private let host: HostName
    private let loop: EventLoop
    private let folder: TemporaryFolder

    init() throws {
        host = try #require(HostName("h"))
        loop = try EventLoop()
        folder = try TemporaryFolder()
    }

    private func load(_ session: String = "s") -> HostLoad {
        HostLoad(load: 0, cpus: 1, memoryAvailable: nil, interval: 10, session: session)
    }

    /// Runs the timers for a moment, as the event loop of pm-cluster does.
    private func run(for milliseconds: Int) throws {
        loop.after(.milliseconds(milliseconds)) { [loop] in loop.stop() }
        try loop.run()
    }

    @Test func `a host that says again that it is online is reported, as its agent may be another one`() {
        #expect(hosts.status(of: host, isOnline: true) == .online)
        #expect(hosts.status(of: host, isOnline: true) == .online)
        #expect(hosts.status(of: host, isOnline: false) == .offline)
        #expect(hosts.status(of: host, isOnline: false) == nil)
    }

    @Test func `a heartbeat is reported only if it brings the host back`() {
        _ = hosts.status(of: host, isOnline: true)
        #expect(hosts.load(of: host, load(), isRetained: false) == nil)
        hosts.connectionLost()
        #expect(hosts.presence(of: host) == .unknown)
        _ = hosts.status(of: host, isOnline: true)
        #expect(hosts.presence(of: host) == .online)
    }

    @Test func `an agent is the one that is expected only with its generation`() {
        _ = hosts.status(of: host, isOnline: true)
        hosts.facts(of: host, HostFacts(drivers: [], generation: "one"))
        #expect(hosts.isOnline(host, generation: "one") && !hosts.isOnline(host, generation: "two"))
        _ = hosts.status(of: host, isOnline: false)
        #expect(!hosts.isOnline(host, generation: "one"))
    }

    @Test func `a host is given up after the patience, once`() throws {
        let directory = try StateDirectory(folder.path, loop: loop)
        let absences = Absences(directory, hosts, patience: 0.05, on: loop)
        var lost: [HostName] = []
        absences.lost = { lost.append($0) }
        absences.begin(host)
        absences.begin(host)
        #expect(lost.isEmpty && folder.read("absences.json").contains(#""h""#))
        try run(for: 150)
        #expect(lost == [host] && directory.absences.since.isEmpty)
    }

    @Test func `a host that comes back is not given up`() throws {
        let directory = try StateDirectory(folder.path, loop: loop)
        let absences = Absences(directory, hosts, patience: 0.05, on: loop)
        absences.lost = { Issue.record("\($0) is given up") }
        absences.begin(host)
        absences.end(host)
        #expect(directory.absences.since.isEmpty && !folder.read("absences.json").contains(#""h""#))
        try run(for: 150)
    }

    @Test func `a changed patience applies to hosts that are offline already`() throws {
        let absences = Absences(try StateDirectory(folder.path, loop: loop), hosts, patience: 1_000, on: loop)
        var lost: [HostName] = []
        absences.lost = { lost.append($0) }
        absences.begin(host)
        absences.change(patience: 0.05)
        try run(for: 150)
        #expect(lost == [host])
    }

    @Test func `an absence begins after what the host published while pm-cluster was not active`() throws {
        let directory = try StateDirectory(folder.path, loop: loop)
        let absences = Absences(directory, hosts, patience: 1_000, on: loop)
        directory.beginAbsence(of: host, at: 100)
        absences.heard(host, at: 200)
        absences.takeWords()
        #expect(directory.absences.since == [host: 200])
        absences.heard(host, at: 300)
        absences.forgetWords()
        absences.takeWords()
        #expect(directory.absences.since == [host: 200])
        absences.endOthers()
        #expect(directory.absences.since.isEmpty)
    }
}
