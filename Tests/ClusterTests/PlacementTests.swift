import Cluster
import Model
import Testing

struct PlacementTests {
    private enum Choice: Equatable {
        case host(String)
        case refused(ErrorCode)
    }

    private static func name(_ text: String) throws -> HostName { try #require(HostName(text)) }

    private static func table(_ hosts: [String], drivers: [DriverReport]) throws -> HostTable {
        var table = HostTable()
        for host in hosts { try add(host, to: &table, drivers: drivers) }
        return table
    }

    private static func add(
        _ host: String, to table: inout HostTable, drivers: [DriverReport] = [DriverReport(name: "node")],
        generation: String? = nil, load: Double = 0, cpus: Int = 1, memory: Int? = nil, total: Int? = nil
    ) throws {
        let host = try name(host)
        table.status(host, isOnline: true, at: 0)
        table.facts(host, HostFacts(drivers: drivers, generation: generation), at: 0)
        table.load(
            host,
            HostLoad(load: load, cpus: cpus, memoryAvailable: memory, memoryTotal: total, interval: 10, session: nil),
            isRetained: false, at: 0)
    }

    private static func choose(
        _ table: HostTable, _ kind: InstanceKind = .node, host: String? = nil, memory: Int = 0,
        usage: [String: Placement.Usage] = [:]
    ) -> Choice {
        let placement = Placement(kind: kind, host: host.flatMap(HostName.init), memory: memory)
        do throws(Failure) {
            return .host(try placement.choose(among: table) { usage[$0.description] ?? .init() }.description)
        } catch {
            return .refused(error.code)
        }
    }

    @Test func `cleared topics and a late heartbeat of a removed host do not make it known`() throws {
        let host = try Self.name("gone")
        var table = try Self.table(["gone"], drivers: [DriverReport(name: "node")])
        #expect(table[host]?.isKnown == true)
        table.status(host, isOnline: nil, at: 0)
        table.facts(host, nil, at: 0)
        #expect(table[host] == nil)
        table.load(
            host, HostLoad(load: 0, cpus: 1, memoryAvailable: nil, interval: 10, session: nil), isRetained: false, at: 0
        )
        #expect(table[host]?.isKnown == false)
        #expect(table.takeSilent(at: 1_000) == [host] && table[host] == nil)
    }

    @Test func `nothing is placed on a host whose name two agents have, until one has been alone`() throws {
        var table = try Self.table(["a", "b"], drivers: [DriverReport(name: "node")])
        let host = try Self.name("a")
        func hear(_ session: String, _ sequence: Double, at time: Double) {
            let load = HostLoad(
                load: 0, cpus: 1, memoryAvailable: nil, interval: 10, session: session, sequence: sequence)
            table.load(host, load, isRetained: false, at: time)
        }
        // An agent that was restarted is no conflict.
        hear("old", 5, at: 1)
        hear("new", 1, at: 2)
        #expect(Self.choose(table, host: "a") == .host("a"))
        hear("old", 6, at: 3)
        #expect(table[host]?.isInConflict == true)
        #expect(Self.choose(table, host: "a") == .refused(.hostConflict))
        #expect(Self.choose(table) == .host("b"))
        hear("new", 2, at: 3 + Limits.conflictQuiet)
        #expect(Self.choose(table, host: "a") == .host("a"))
    }

    @Test func `a host that is still testing its driver is waited for, unless the request names another one`() throws {
        let pending = DriverReport(name: "qemu", reason: "is being tried", isPending: true)
        var table = try Self.table(["a"], drivers: [pending])
        func waits(_ host: String? = nil) -> Bool {
            Placement(kind: .vm, host: host.flatMap(HostName.init), memory: 0).isPending(among: table)
        }
        #expect(Self.choose(table, .vm) == .refused(.noCapacity) && waits() && waits("a"))
        try Self.add("b", to: &table, drivers: [DriverReport(name: "qemu")])
        #expect(Self.choose(table, .vm) == .host("b") && !waits("b") && !waits("c"))
        table.status(try Self.name("a"), isOnline: false, at: 0)
        #expect(!waits())
    }

    @Test func `the least loaded host is chosen, and of equal ones the first`() throws {
        let table = try Self.table(["c", "a", "b"], drivers: [DriverReport(name: "node")])
        #expect(Self.choose(table) == .host("a"))
        #expect(Self.choose(table, usage: ["a": .init(instances: 1)]) == .host("b"))
        #expect(
            Self.choose(table, usage: ["a": .init(instances: 2), "b": .init(instances: 1), "c": .init(instances: 3)])
                == .host("b"))
    }

    @Test func `a host with more processors gets more instances, one with a high load gets fewer`() throws {
        var table = HostTable()
        try Self.add("large", to: &table, cpus: 8)
        try Self.add("small", to: &table)
        #expect(
            Self.choose(table, usage: ["large": .init(instances: 4), "small": .init(instances: 1)]) == .host("large")
        )
        try Self.add("large", to: &table, load: 8, cpus: 8)
        #expect(Self.choose(table) == .host("small"))
    }

    @Test func `nodes and VMs are not chosen as hosts unless the request names them`() throws {
        var table = HostTable()
        try Self.add("inner", to: &table, generation: "c.1")
        #expect(Self.choose(table) == .refused(.noCapacity))
        #expect(Self.choose(table, host: "inner") == .host("inner"))
    }

    @Test func `a requested host is chosen, or the error says why not`() throws {
        var table = try Self.table(["a"], drivers: [DriverReport(name: "node")])
        #expect(Self.choose(table, host: "b") == .refused(.unknownHost))
        table.status(try Self.name("b"), isOnline: false, at: 0)
        #expect(Self.choose(table, host: "b") == .refused(.hostOffline))
        #expect(Self.choose(table, .vm, host: "a") == .refused(.driverUnavailable))
        try Self.add("b", to: &table, drivers: [DriverReport(name: "qemu", reason: "no image")])
        #expect(Self.choose(table, .vm, host: "b") == .refused(.driverUnavailable))
        #expect(Self.choose(table, .vm) == .refused(.noCapacity))
    }

    @Test func `a VM is placed where its memory is free, including the memory of starting VMs`() throws {
        var table = HostTable()
        let drivers = [DriverReport(name: "qemu")]
        try Self.add("a", to: &table, drivers: drivers, memory: 256)
        #expect(Self.choose(table, .vm, memory: 256) == .host("a"))
        #expect(Self.choose(table, .vm, memory: 257) == .refused(.noCapacity))
        #expect(
            Self.choose(table, .vm, memory: 128, usage: ["a": .init(instances: 1, memory: 200)])
                == .refused(.noCapacity))
        #expect(Self.choose(table, .vm, host: "a", memory: 257) == .refused(.noCapacity))
    }

    private static func refusal(_ table: HostTable, memory: Int, overcommit: Double, usage: Placement.Usage) -> String?
    {
        let placement = Placement(kind: .vm, host: HostName("a"), memory: memory << 20, overcommit: overcommit)
        do throws(Failure) { _ = try placement.choose(among: table) { _ in usage } } catch { return error.detail }
        return nil
    }

    @Test func `promised memory counts, whether it is used or not`() throws {
        var table = HostTable()
        try Self.add("a", to: &table, drivers: [DriverReport(name: "qemu")], memory: 900 << 20, total: 1_000 << 20)
        func refusal(_ memory: Int, promised: Int, overcommit: Double = 1) -> String? {
            Self.refusal(
                table, memory: memory, overcommit: overcommit, usage: .init(instances: 1, promised: promised << 20))
        }
        #expect(refusal(400, promised: 600) == nil)
        #expect(
            refusal(401, promised: 600)
                == "a has not enough memory: 401 MiB are needed, and 600 MiB of 1000 MiB are promised to other VMs")
        #expect(refusal(401, promised: 1_599, overcommit: 2) == nil)
        #expect(
            refusal(401, promised: 1_600, overcommit: 2)
                == "a has not enough memory: 401 MiB are needed, and 1600 MiB of 1000 MiB are promised to other VMs "
                + "(memory_overcommit 2.0)")
        #expect(
            refusal(301, promised: 200, overcommit: 0.5) != nil && refusal(300, promised: 200, overcommit: 0.5) == nil)
        // The free memory is the limit at any overcommit.
        #expect(
            refusal(901, promised: 0, overcommit: 9)
                == "a has not enough memory: 901 MiB are needed, and 900 MiB are free")
    }

    @Test func `the queue is first in, first out, and respects the limit`() throws {
        var queue = LaunchQueue(limit: 2)
        for id in ["a", "b", "a", "c"] { queue.add(try Self.name(id)) }
        #expect(queue.count == 3)
        #expect(queue.next(active: 2) == nil)
        #expect(queue.next(active: 1)?.description == "a")
        queue.remove(try Self.name("b"))
        #expect(queue.next(active: 0)?.description == "c")
        #expect(queue.next(active: 0) == nil)
    }
}

struct HostTableTests {
    private let host = HostName("h")
    private static let load = HostLoad(load: 0, cpus: 1, memoryAvailable: nil, interval: 10, session: "s")

    @Test func `a silent host counts as offline, and as online again after a heartbeat`() throws {
        let host = try #require(host)
        var table = HostTable()
        table.status(host, isOnline: true, at: 0)
        table.load(host, Self.load, isRetained: false, at: 10)
        #expect(table.takeSilent(at: 34) == [])
        #expect(table.takeSilent(at: 35) == [host])
        #expect(table[host]?.presence == .offline)
        // A retained heartbeat does not show that the host is alive.
        table.load(host, Self.load, isRetained: true, at: 36)
        #expect(table[host]?.presence == .offline)
        table.load(host, Self.load, isRetained: false, at: 37)
        #expect(table[host]?.presence == .online)
    }

    @Test func `a heartbeat that arrives after the offline status does not bring the host back`() throws {
        let host = try #require(host)
        var table = HostTable()
        table.status(host, isOnline: false, at: 0)
        table.load(host, Self.load, isRetained: false, at: 1)
        #expect(table[host]?.presence == .offline)
    }

    @Test func `after an outage of the broker, hosts are unknown, and offline if they stay silent`() throws {
        let host = try #require(host)
        var table = HostTable()
        table.status(host, isOnline: true, at: 0)
        table.forgetPresence(at: 5)
        #expect(table[host]?.presence == .unknown)
        #expect(table.takeSilent(at: 30) == [host])
        table.status(host, isOnline: nil, at: 31)
        #expect(table[host] == nil)
    }

    @Test func `an unknown host has seconds to publish, whatever interval it had before`()
        throws
    {
        let host = try #require(host)
        let slow = HostLoad(load: 0, cpus: 1, memoryAvailable: nil, interval: 600, session: nil)
        var table = HostTable()
        #expect(table.presence(of: host) == .offline)
        table.expect(host, at: 0)
        #expect(table.presence(of: host) == .unknown && table[host]?.isKnown == false)
        #expect(table.takeSilent(at: Limits.unknownHost) == [host] && table.presence(of: host) == .offline)
        table.status(host, isOnline: true, at: 10)
        table.load(host, slow, isRetained: false, at: 10)
        table.expect(host, at: 11)
        #expect(table.presence(of: host) == .online && table.takeSilent(at: 600) == [])
        table.forgetPresence(at: 600)
        table.load(host, slow, isRetained: true, at: 600)
        #expect(table.presence(of: host) == .unknown)
        #expect(table.takeSilent(at: 600 + Limits.unknownHost) == [host] && table.presence(of: host) == .offline)
    }

    @Test func `forged topics can't fill the memory`() throws {
        var table = HostTable()
        for number in 0...Limits.hubHosts {
            table.status(try #require(HostName("h\(number)")), isOnline: true, at: 0)
        }
        #expect(table.all.count == Limits.hubHosts)
    }
}
