import JSONCodec
import Model
import Testing
import Wire

@testable import pmctl

/// Which hosts and processes arguments select. Pure.
struct SelectionTests {
    private let fleet = Samples.fleet([
        ("pm/edge-1/status", "online"), ("pm/edge-1/info", #"{"version":"0.3.0","labels":{"rack":"7"}}"#),
        ("pm/edge-1/process/web-1", Samples.running), ("pm/edge-1/process/web-2", Samples.ended),
        ("pm/edge-1/process/db", Samples.failed),
        ("pm/edge-2/status", "offline"), ("pm/edge-2/info", #"{"labels":{"rack":"8"}}"#),
        ("pm/edge-2/process/web-1", Samples.running),
        ("pm/box/status", "online"), ("pm/box/process/web-1", Samples.running),
        ("pm/ghost/process/web-1", Samples.running),
    ])

    private func hosts(_ texts: [String], labels: [String] = []) throws -> (chosen: [String], failures: [String]) {
        let choice = HostChoice(
            patterns: try texts.map(Arguments.hosts), labels: try labels.map(Arguments.label))
        let (chosen, failures) = choice.hosts(in: fleet)
        #expect(failures.allSatisfy { $0.reason == .missing })
        return (chosen.map(\.name.description), failures.compactMap(\.text))
    }

    @Test(
        arguments: [
            ([], [], ["box", "edge-1", "edge-2"], []), (["box"], [], ["box"], []),
            (["edge-*"], [], ["edge-1", "edge-2"], []), (["box", "edge-1"], [], ["box", "edge-1"], []),
            (["*"], ["rack=7"], ["edge-1"], []), ([], ["rack!=7"], ["box", "edge-2"], []),
            ([], ["rack=*", "rack=8"], ["edge-2"], []), (["edge-*,!edge-2"], [], ["edge-1"], []),
            (["cloud-*"], [], [], ["no host matches cloud-*"]),
            (["box"], ["rack=7"], [], ["no host matches box,rack=7"]), ([], ["rack=9"], [], ["no host matches rack=9"]),
            (["edge-3", "box"], [], ["box"], ["no such host: edge-3, did you mean edge-1?"]),
            (["nix,box"], [], ["box"], ["no such host: nix (hosts: box, edge-1, edge-2)"]),
            (["ghost"], [], [], ["no such host: ghost (hosts: box, edge-1, edge-2)"]),
        ] as [([String], [String], [String], [String])])
    func `hosts by name and label`(texts: [String], labels: [String], chosen: [String], failures: [String]) throws {
        let result = try hosts(texts, labels: labels)
        #expect(result.chosen == chosen && result.failures == failures, "\(result)")
    }

    private func targets(_ hosts: [String], _ processes: [String], all: Bool = false) throws -> (
        targets: [String], failures: [String]
    ) {
        let chosen = HostChoice(patterns: try hosts.map(Arguments.hosts), labels: []).hosts(in: fleet).chosen
        let choice = ProcessChoice(patterns: try processes.map(Arguments.processes), isAll: all)
        let (targets, failures) = choice.targets(on: chosen) { !$0.isEnded }
        return (targets.map { "\($0.process) on \($0.host)" }, failures.compactMap(\.text))
    }

    @Test(
        arguments: [
            // What is named is taken as it is; of a pattern, only what the command applies to.
            (["edge-1"], ["web-2", "nix", "42"], ["web-2 on edge-1", "nix on edge-1", "pid 42 on edge-1"], []),
            (["edge-1"], ["web-*"], ["web-1 on edge-1"], []),
            (["edge-1"], ["web-1", "web-*", "web-1"], ["web-1 on edge-1"], []),
            (["edge-*"], ["web-*"], ["web-1 on edge-1"], ["host offline: edge-2"]),
            (["*,!edge-2"], ["web-1"], ["web-1 on box", "web-1 on edge-1"], []),
            // A pattern needs a process on one of the hosts, also if there is nothing to do.
            (["edge-1"], ["d*"], [], []), (["*,!edge-2"], ["d*"], [], []),
            (["edge-1"], ["x*"], [], ["no process matches x* on edge-1"]),
            (["*,!edge-2"], ["x*"], [], ["no process matches x* on 2 hosts"]),
            (["edge-2"], ["x*"], [], ["host offline: edge-2"]),
        ] as [([String], [String], [String], [String])])
    func `processes by name and pattern`(
        hosts: [String], processes: [String], targets: [String], failures: [String]
    ) throws {
        let result = try self.targets(hosts, processes)
        #expect(result.targets == targets && result.failures == failures, "\(result)")
    }

    @Test func `all processes are those that the command applies to`() throws {
        let result = try targets(["*"], [], all: true)
        #expect(result.targets == ["web-1 on box", "web-1 on edge-1"])
        #expect(result.failures == ["host offline: edge-2"])
    }

    @Test func `the exit code of several failures is that of the worst`() {
        #expect(ExitReason.worst([]) == nil)
        #expect(ExitReason.worst([.missing, .offline, .missing]) == .missing)
        #expect(ExitReason.worst([.offline, .timeout]) == .timeout)
        #expect(ExitReason.worst(ExitReason.allCases) == .failure)
        for reason in ExitReason.allCases { #expect(ExitReason.worst([reason]) == reason) }
        let codes = ExitReason.allCases.map(\.rawValue)
        #expect(!codes.contains(0) && !codes.contains(CommandError.usageExitCode) && codes.allSatisfy { $0 < 125 })
    }

    @Test func `the topic for readings is used where the agent has it`() throws {
        for (version, hasIt) in [("0.3.0", true), ("1.0.0", true), ("0.2.9", false), ("", false), ("x", false)] {
            var host = HostReport(try #require(HostName("a")))
            host.absorb(info: ["version": .string(version)])
            #expect(host.hasWatchTopic == hasIt, "\(version)")
        }
    }
}
