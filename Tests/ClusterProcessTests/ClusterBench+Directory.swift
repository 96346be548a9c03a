import TestSupport

/// Backs up, restores and loses pm-cluster's state directory.
extension ClusterBench {
    private var backup: String { "\(cluster.folder.path)/backup" }

    func backUp() async throws {
        // After an answer, all earlier changes are saved.
        _ = try await method("node", "get_nodes")
        try await copy(cluster.stateDirectory, to: backup)
    }

    private func copy(_ from: String, to: String) async throws {
        let copying = try ChildProcess(
            ["/bin/sh", "-c", #"rm -rf "$1" && cp -a "$0" "$1""#, from, to], log: "\(cluster.folder.path)/copying")
        guard try await copying.ended() == 0 else { throw TestError("cp failed") }
    }

    /// Restores the state directory from the backup, without a restart of pm-cluster.
    func putBack() async throws { try await copy(backup, to: cluster.stateDirectory) }

    func copyBackup(to other: ClusterProcess) async throws { try await copy(backup, to: other.stateDirectory) }

    /// Restarts pm-cluster with the backup.
    ///
    /// - Parameter forgetsBroker: whether the broker loses all retained messages as well.
    /// - Returns: a bench with a new client.
    func restore(forgetsBroker: Bool = false) async throws -> ClusterBench {
        try await begin(forgetsBroker: forgetsBroker) { try await putBack() }
    }

    /// Kills pm-cluster, runs `change`, and starts it again.
    func begin(forgetsBroker: Bool = false, _ change: () async throws -> Void) async throws -> ClusterBench {
        cluster.kill()
        if !forgetsBroker { try await eventuallyRetained("pm/cluster/status") { $0.text == "offline" } }
        try await change()
        if forgetsBroker {
            broker.kill()
            try await broker.start()
        }
        let bench = ClusterBench(
            broker: broker, cluster: cluster, hosts: hosts, client: try await TestClient(broker))
        try await bench.client.subscribe("pm/reply/#")
        try await bench.startCluster()
        return bench
    }

    func allocate(_ id: String, _ config: String) async throws {
        let result = try await method("vm", "allocate_vm", #"{"vm_id":"\#(id)","config":\#(config)}"#)
        guard result["status"] == "success" else { throw TestError("\(result)") }
    }

    /// Starts a process on a node and returns its pid.
    func run(_ node: String) async throws -> Int {
        let arguments = #"{"node_id":"\#(node)","config":{"name":"web","command":"sleep 1000"}}"#
        let result = try await method("node", "run_process_on_node", arguments)
        guard let pid = result["pid"]?.integer else { throw TestError("\(result)") }
        return pid
    }

    func isRunning(_ kind: String, _ id: String) async throws {
        try await eventuallyRetained("pm/cluster/\(kind)/\(id)/state") { $0.text.contains(#""state":"running""#) }
    }

    /// Waits until health is bad with this reason.
    func isBad(_ kind: String, _ reason: String) async throws {
        try await eventuallyRetained("pm/cluster/\(kind)/health") {
            $0.text.contains(#""health":"bad""#) && $0.text.contains(reason)
        }
    }

    func isGood(_ kind: String) async throws {
        try await eventuallyRetained("pm/cluster/\(kind)/health") { $0.text.contains(#""health":"good""#) }
    }
}
