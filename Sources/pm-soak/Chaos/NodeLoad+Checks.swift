import Glibc
import TestSupport

/// With nothing under way, each node is fully there or fully gone.
extension NodeLoad {
    var bench: ClusterBench { ClusterBench(broker: broker, cluster: cluster, hosts: [shelf], client: client) }

    func start() async throws {
        try shelf.start()
        try await bench.eventuallyRetained("pm/shelf/status") { $0.text == "online" }
        try cluster.start()
        try await bench.clusterIsOnline()
    }

    func quiesce() async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while isDisturbed || !pending.isEmpty {
            guard .now < deadline else {
                return violate("pm-cluster is \(isDisturbed ? "silent" : "busy"): \(pending.values.map(\.id))")
            }
            try tick()
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    func check() async throws {
        try await quiesce()
        try await client.subscribe("pm/reply/#")
        for id in names {
            var problem: String? = "was not looked at"
            let deadline = ContinuousClock.now + Self.patience
            while problem != nil, .now < deadline {
                problem = try await self.problem(of: id)
                if problem != nil { try await Task.sleep(for: .milliseconds(100)) }
            }
            if let problem { violate("\(id) \(problem)") }
        }
        answered = [:]
        client.takeAll()
    }

    /// Says what contradicts that it is there, or that it is gone.
    private func problem(of id: String) async throws -> String? {
        let nodes = try await bench.method("node", "get_nodes")["nodes"]?.array ?? []
        let entry = nodes.first { $0["node_id"]?.string == id }
        let topics = try await bench.retained("pm/\(id)/#")
        let state = try await bench.retainedJSON("pm/cluster/node/\(id)/state")
        let keepers = Self.keepers(of: id)
        let facts = "\(entry ?? .null), retained \(state ?? .null), \(topics.keys.sorted()), \(keepers.map(\.pid))"
        if keepers.count > 1 { return "is there twice: \(facts)" }
        let isThere = entry?["state"] == "running" && state?["state"] == "running" && keepers.count == 1
        let isOnline = topics["pm/\(id)/status"] == "online"
        let isGone = entry == nil && state == nil && keepers.isEmpty && topics.isEmpty
        guard isThere && isOnline || isGone else { return "is neither there nor gone: \(facts)" }
        if let sure = wanted[id] ?? nil, sure != isThere { return "should\(sure ? "" : " not") be there: \(facts)" }
        wanted[id] = .some(isThere)
        return nil
    }

    /// Removes all, ends pm-cluster and the host, and looks what is left.
    func finish() async throws {
        for id in names where wanted[id] == .some(true) {
            let result = try await bench.method("node", "remove_node", #"{"node_id":"\#(id)"}"#)
            if result["status"] != "success" { violate("\(id) can't be removed: \(result)") }
        }
        for id in names {
            do { try await bench.isGone("node", id) } catch { violate("\(error)") }
        }
        let status = try await cluster.stop()
        if status != 0 { violate("pm-cluster ended with wait status \(status)") }
        _ = try await shelf.stop()
        let left = shelf.descendants + names.flatMap { Self.keepers(of: $0) }
        if !left.isEmpty { violate("the nodes' host has left \(left.map { ($0.pid, $0.arguments) })") }
    }
}
