import Glibc
import TestSupport

/// Checks that each node either exists in every respect or in none, while no request is open.
extension NodeLoad {
    var bench: ClusterBench { ClusterBench(broker: broker, cluster: cluster, hosts: [nodeHost], client: client) }

    func start() async throws {
        try nodeHost.start()
        try await bench.eventuallyRetained("pm/shelf/status") { $0.text == "online" }
        try cluster.start()
        try await bench.clusterIsOnline()
        clusterFiles = openFiles.count
    }

    /// The open files of pm-cluster, without the audit log, which the first request opens.
    private var openFiles: [String] {
        SystemProcess(cluster.pid).descriptors.values.filter { !$0.hasSuffix("/audit.log") }
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
        let deadline = ContinuousClock.now + Self.patience
        var isConfirmed = false
        while true {
            let problems = try await self.problems()
            if problems.isEmpty { break }
            // If the broker loses `pm/cluster/serial` while pm-cluster is dead, nodes are held until an operator confirms
            // the state (docs/cluster.md).
            if !isConfirmed, problems.contains(where: { $0.contains("listed held") }) {
                isConfirmed = true
                _ = try await bench.method("node", "confirm_state")
            }
            guard .now < deadline else {
                for problem in problems { violate(problem) }
                break
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        try await takeFreeNames()
        answered = [:]
        client.takeAll()
    }

    /// Creates each node that is gone again: its name must be free once pm-cluster has noticed the end (after 2.5
    /// health intervals at most).
    private func takeFreeNames() async throws {
        for id in names where expected[id] == .absent {
            let deadline = ContinuousClock.now + .seconds(40)
            var result = JSONValue.null
            while result["status"] != "success", .now < deadline {
                result = try await bench.method("node", .createNode(id, host: "shelf"))
                if result["status"] != "success" { try await Task.sleep(for: .milliseconds(500)) }
            }
            let isThere = result["status"] == "success"
            expected[id] = isThere ? .present : .unknown
            if !isThere { violate("\(id) is gone, but can't be created again: \(result)") }
        }
    }

    /// Describes nodes that neither exist nor are gone, and nodes that contradict the model.
    private func problems() async throws -> [String] {
        let nodes = try await bench.method("node", "get_nodes")["nodes"]?.array ?? []
        let processes = try await bench.agent("shelf", .call("get_processes"))["process"]?.array ?? []
        var problems: [String] = []
        for id in names {
            let listed = nodes.first { $0["node_id"]?.string == id }?["state"]?.string
            let entry = processes.first { $0["process_id"]?.string == id }
            let topics = try await bench.retained("pm/\(id)/#")
            let state = try await bench.retainedJSON("pm/cluster/node/\(id)/state")?["state"]?.string
            let isThere =
                listed == "running" && state == "running" && entry?["state"] == "running"
                && topics["pm/\(id)/status"] == "online"
            let isGone = listed == nil && state == nil && entry == nil && topics.isEmpty
            let facts = "listed \(listed ?? "-"), retained \(state ?? "-"), \(entry ?? .null), \(topics.keys.sorted())"
            if !isThere, !isGone { problems.append("\(id) neither exists nor is gone: \(facts)") }
            guard isThere || isGone else { continue }
            let found = isThere ? Expectation.present : .absent
            if expected[id] == .unknown { expected[id] = found }
            if let sure = expected[id], sure != found { problems.append("\(id) should be \(sure): \(facts)") }
        }
        // One more may be prestarted.
        let pids = Set(processes.filter { $0["driver"] == "node" }.compactMap { $0["pid"]?.integer })
        let found = Set(keepers.map(\.pid))
        if problems.isEmpty, !pids.isSubset(of: found) || found.count > pids.count + 1 {
            problems.append("the nodes have pids \(pids.sorted()), but the keepers are \(found.sorted())")
        }
        return problems
    }

    /// Removes all nodes, ends pm-cluster and the host's agent, and checks that no node, process or descriptor is left.
    func finish() async throws {
        for id in names where expected[id] == .present {
            let result = try await bench.method("node", .removeNode(id))
            if result["status"] != "success" { violate("\(id) can't be removed: \(result)") }
        }
        for id in names {
            do { try await bench.isGone("node", id) } catch { violate("\(error)") }
        }
        let files = openFiles
        if files.count > clusterFiles {
            violate("pm-cluster has \(files.count) descriptors, \(clusterFiles) before: \(files)")
        }
        let status = try await cluster.stop()
        if status != 0 { violate("pm-cluster ended with wait status \(status)") }
        _ = try await nodeHost.stop()
        let left = nodeHost.descendants
        if !left.isEmpty { violate("the nodes' host left processes \(left.map { ($0.pid, $0.arguments) })") }
    }
}
