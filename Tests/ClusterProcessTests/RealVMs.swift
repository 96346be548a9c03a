import TestSupport
import Testing

/// A host that runs real guests, and a real pm-cluster, for all tests of a suite: to find out what runs guests takes a host
/// seconds.
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

/// One after the other: each has guests, which keep a processor busy.
@Suite(.serialized, .enabled(if: VMSupport.obstacle == nil)) struct RealVMTests {}

/// Runs `body` with the suite's host; afterwards checks that no VM and nothing of one is left. Shows the logs when anything
/// fails.
func withRealVMs(_ body: (ClusterBench) async throws -> Void) async throws {
    let bench = try #require(RealVMs.bench)
    do {
        try await body(bench)
        try await bench.removeVMs()
    } catch {
        // The next test begins with nothing, too.
        try? await bench.removeVMs()
        throw TestError("\(error)\n\(bench.logs)")
    }
}

extension ClusterBench {
    /// A config whose process does nothing for long.
    static let sleeper = #"{"name":"web","command":"sleep 1000"}"#

    /// Has a VM made.
    func allocate(_ id: String) async throws {
        let result = try await method("vm", "allocate_vm", #"{"vm_id":"\#(id)","config":\#(Self.sleeper)}"#)
        guard result["status"] == "success" else { throw TestError("\(result)") }
    }

    /// The process in a VM, as the agent in there has it.
    func process(in id: String, _ process: String = "web") async throws -> JSONValue? {
        try await agent(id, "get_process", #"{"process_id":"\#(process)"}"#)["process"]
    }

    /// Waits until a VM runs with its process, or is gone without a trace.
    ///
    /// - Returns: whether it runs.
    @discardableResult
    func settle(_ id: String) async throws -> Bool {
        var latest = ""
        var isThere = true
        do {
            try await eventually("\(id) is there or gone", within: VMSupport.patience) {
                guard let state = try await retainedJSON("pm/cluster/vm/\(id)/state") else {
                    isThere = false
                    return true
                }
                latest = "\(state)"
                // After an outage of the broker, its state can be known before its agent is back.
                guard state["state"] == "running", try await retained("pm/\(id)/status")["pm/\(id)/status"] == "online",
                    let process = try? await process(in: id)
                else { return false }
                latest += ", and in it: \(process)"
                return process["state"] == "running" && process["pid"] == state["pid"]
            }
        } catch {
            throw TestError("\(error): \(latest)")
        }
        if !isThere { try await isGone("vm", id) }
        return isThere
    }

    /// Removes all that there are.
    func removeVMs() async throws {
        let vms = try await method("vm", "get_vms")["process"]?.array ?? []
        for id in vms.compactMap({ $0["vm_id"]?.string }) {
            let result = try await method("vm", "remove_vm", #"{"vm_id":"\#(id)"}"#)
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
