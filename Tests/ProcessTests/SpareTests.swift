import Glibc
import TestSupport
import Testing

/// Node spares: agents that are started before a request needs them as nodes.
@Suite(.serialized) struct SpareTests {
    private static func spares(_ count: Int) -> AgentProcess.Options {
        .init(configuration: #"{"stop_grace":10,"node_spares":\#(count)}"#)
    }

    /// Starts a node, and waits until it is online under its name.
    @discardableResult
    private func start(_ id: String, _ more: String = "", on bench: AgentBench) async throws -> Int {
        let pid = try await bench.start(
            config:
                #"{"name":"\#(id)","driver":"node","generation":"g-\#(id)","restart":{"policy":"always","delay":0}\#(more)}"#
        )
        try await isOnline(id, on: bench)
        return pid
    }

    private func isOnline(_ id: String, on bench: AgentBench) async throws {
        _ = try await bench.watcher(of: "pm/\(id)/status").next { $0.text == "online" }
        let info = try await bench.watcher(of: "pm/\(id)/info").next { _ in true }.value
        #expect(info["host"]?.string == id && info["generation"]?.string == "g-\(id)")
    }

    @Test func `a relative state directory works for nodes, too`() async throws {
        var options = Self.spares(1)
        options.isStateRelative = true
        try await withAgent(options) { bench in
            try await start("n1", on: bench)
            _ = try await ready(1, on: bench)
            try await start("n2", on: bench)
        }
    }

    /// Waits until this many spares are ready.
    ///
    /// - Returns: their keepers.
    private func ready(_ count: Int, on bench: AgentBench) async throws -> [SystemProcess] {
        _ = try await bench.watcher(of: bench.topic("info")).next {
            (try? $0.value)?["drivers"]?["node"]?["parked"]?.integer == count
        }
        let nodes = Set(try await bench.pids().values)
        return SystemProcess(bench.agent.pid).children.filter {
            $0.arguments.contains("--spare") && !nodes.contains($0.pid) && !$0.hasEnded
        }
    }

    @Test func `each spare is assigned once, and replaced`() async throws {
        try await withAgent(Self.spares(2)) { bench in
            let first = try await start("n0", on: bench)
            #expect(!SystemProcess(first).arguments.contains("--spare"))
            let spares = Set(try await ready(2, on: bench).map(\.pid))
            #expect(spares.count == 2)
            let pids = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 1...5 { group.addTask { try await start("n\(index)", on: bench) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(pids).count == 5 && spares.isSubset(of: pids))
            #expect(try await bench.pids().count == 6)
            let others = try await ready(2, on: bench)
            #expect(others.count == 2 && spares.isDisjoint(with: others.map(\.pid)))
        }
    }

    @Test func `a killed spare is not assigned`() async throws {
        try await withAgent(Self.spares(1)) { bench in
            try await start("n0", on: bench)
            let spare = try #require(try await ready(1, on: bench).first)
            let worker = spare.children
            spare.kill()
            try await eventually("its end") { spare.hasEnded }
            #expect(try await start("n1", on: bench) != spare.pid)
            try await eventually("the end of its worker") { worker.allSatisfy(\.hasEnded) }
        }
    }

    @Test func `a spare with a killed worker is still assigned`() async throws {
        try await withAgent(Self.spares(1)) { bench in
            try await start("n0", on: bench)
            let spare = try #require(try await ready(1, on: bench).first)
            let worker = try #require(spare.children.first)
            worker.kill()
            try await eventually("another worker") { spare.children.contains { $0 != worker && !$0.hasEnded } }
            #expect(try await start("n1", on: bench) == spare.pid)
        }
    }

    @Test func `a spare's worker may be killed at any time after the assignment`() async throws {
        try await withAgent(Self.spares(1)) { bench in
            try await start("n0", on: bench)
            for round in 1...5 {
                let spare = try #require(try await ready(1, on: bench).first)
                let worker = try #require(spare.children.first)
                let id = "n\(round)"
                let pid = try await bench.start(
                    .node(id).with("generation", .string("g-\(id)")).restart("always", delay: 0))
                #expect(pid == spare.pid)
                try await Task.sleep(for: .microseconds(Int.random(in: 0..<6_000)))
                worker.kill()
                try await eventually("another worker") { spare.children.contains { $0 != worker && !$0.hasEnded } }
                try await isOnline(id, on: bench)
                let second = try #require(spare.children.first { $0 != worker && !$0.hasEnded })
                second.kill()
                try await eventually("a third worker") {
                    spare.children.contains { $0 != worker && $0 != second && !$0.hasEnded }
                }
                try await isOnline(id, on: bench)
                #expect(try await bench.pids()[id] == spare.pid)
            }
        }
    }

    @Test func `the death of the agent's worker ends its spares, and no node`() async throws {
        try await withAgent(Self.spares(1)) { bench in
            try await start("n0", on: bench)
            _ = try await ready(1, on: bench)
            let pid = try await start("n1", on: bench)
            let spares = try await ready(1, on: bench)
            let workers = spares.flatMap(\.children)
            try await bench.crashWorker()
            try await eventually("the end of the spares") { (spares + workers).allSatisfy(\.hasEnded) }
            #expect(try await bench.pids()["n1"] == pid)
            try await isOnline("n1", on: bench)
        }
    }

    @Test func `a config with other settings gets a launch of its own`() async throws {
        try await withAgent(Self.spares(1)) { bench in
            try await start("n0", on: bench)
            let spare = try #require(try await ready(1, on: bench).first)
            let pid = try await start("n1", #","nice":5"#, on: bench)
            #expect(pid != spare.pid && !spare.hasEnded)
        }
    }

    @Test func `with node_spares 0 there are no spares`() async throws {
        try await withAgent(Self.spares(0)) { bench in
            try await start("n0", on: bench)
            try await start("n1", on: bench)
            let info = try await bench.watcher(of: bench.topic("info")).next { _ in true }.value
            #expect(info["drivers"]?["node"] == ["available": true])
            #expect(SystemProcess(bench.agent.pid).children.allSatisfy { !$0.arguments.contains("--spare") })
        }
    }
}
