import TestSupport
import Testing

/// One host with real guests and one pm-cluster for all tests of a suite, as testing its driver takes a host seconds.
struct RealVMs: SuiteTrait, TestScoping {
    @TaskLocal static var bench: ClusterBench?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withCluster(vms: true) { bench in
            try await Self.$bench.withValue(bench) { try await function() }
        }
    }
}

extension Trait where Self == RealVMs {
    static var realVMs: Self { Self() }
}

/// Serialized, as the guests of each test keep a processor busy.
@Suite(.serialized, .enabled(if: VMSupport.obstacle == nil)) struct RealVMTests {}

/// Runs `body` with the suite's host, then removes all VMs and checks that nothing of them is left. A failure includes
/// the logs.
func withRealVMs(_ body: (ClusterBench) async throws -> Void) async throws {
    let bench = try #require(RealVMs.bench)
    do {
        try await body(bench)
        try await bench.removeVMs()
    } catch {
        // So that the next test begins without VMs.
        try? await bench.removeVMs()
        throw TestError("\(error)\n\(bench.logs)")
    }
}

extension ClusterBench {
    /// A config of a process that only sleeps.
    static let sleeper = ProcessConfig.sleep("web")

    /// Allocates a VM and throws on failure.
    func allocate(_ id: String) async throws {
        let result = try await method("vm", .allocateVM(id, Self.sleeper))
        guard result["status"] == "success" else { throw TestError("\(result)") }
    }

    /// The process in a VM, as the agent in the VM reports it.
    func process(in id: String, _ process: String = "web") async throws -> JSONValue? {
        try await agent(id, .getProcess(process))["process"]
    }

    /// Waits until a VM runs with its process, or is removed completely.
    ///
    /// - Returns: whether it runs.
    @discardableResult
    func settle(_ id: String) async throws -> Bool {
        var latest = ""
        var isThere = true
        do {
            try await eventually("\(id) runs or is gone", within: VMSupport.patience) {
                guard let state = try await retainedJSON("pm/cluster/vm/\(id)/state") else {
                    isThere = false
                    return true
                }
                latest = "\(state)"
                // After an outage of the broker, its state can be retained before its agent is online again.
                guard state["state"] == "running", try await retained("pm/\(id)/status")["pm/\(id)/status"] == "online",
                    let process = try? await process(in: id)
                else { return false }
                latest += ", process: \(process)"
                return process["state"] == "running" && process["pid"] == state["pid"]
            }
        } catch {
            throw TestError("\(error): \(latest)")
        }
        if !isThere { try await isGone("vm", id) }
        return isThere
    }

    /// Removes all VMs and checks that nothing of them is left.
    func removeVMs() async throws {
        let vms = try await method("vm", "get_vms")["process"]?.array ?? []
        for id in vms.compactMap({ $0["vm_id"]?.string }) {
            let result = try await method("vm", .removeVM(id))
            guard result["status"] == "success" || result["error"]?["code"] == "no_such_vm" else {
                throw TestError("\(id): \(result)")
            }
            try await isGone("vm", id)
        }
        let states = try await retained("pm/cluster/vm/+/state")
        guard cluster.files.isEmpty, states.isEmpty else { throw TestError("left: \(cluster.files) \(states)") }
        for host in hosts where host.isRunning {
            let left = host.descendants.map(\.arguments)
            guard left.isEmpty else { throw TestError("left behind: \(left)") }
        }
    }
}
