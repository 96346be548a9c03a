import TestSupport
import Testing

/// A host that runs VMs.
struct VMBench: Sendable {
    let host: AgentBench

    static var obstacle: String? { VMSupport.obstacle }
    static let patience = VMSupport.patience

    /// Starts a VM on the host, and waits until the agent in it is online.
    ///
    /// - Parameters:
    ///   - more: further fields of its config.
    ///   - isBooted: whether to start it at once, when there is no template to clone it from.
    /// - Returns: the pid of the VM's runner.
    @discardableResult
    func start(_ id: String, _ more: KeyValuePairs<String, JSONValue> = [:], isBooted: Bool = false) async throws -> Int
    {
        if !isBooted { try await isReady() }
        let config = more.reduce(ProcessConfig.vm(id).with("generation", .string("g-\(id)"))) {
            $0.with($1.key, $1.value)
        }
        let result = try await host.method(.startProcess(config))
        guard let pid = result["pid"]?.integer else { throw TestError("not started: \(result)") }
        try await isOnline(id)
        return pid
    }

    /// Waits until the host has found out how it can run VMs.
    ///
    /// - Returns: the host's report on the driver.
    @discardableResult
    func isReady() async throws -> JSONValue {
        let watcher = try await host.watcher(of: host.topic("info"))
        let info = try await watcher.next(within: Self.patience) {
            (try? $0.value)?["drivers"]?["qemu"]?["available"] == true
        }
        return try info.value["drivers"]?["qemu"] ?? [:]
    }

    /// Waits until this number of VMs is prestarted.
    func isParked(_ count: Int) async throws {
        let watcher = try await host.watcher(of: host.topic("info"))
        _ = try await watcher.next(within: Self.patience) {
            (try? $0.value)?["drivers"]?["qemu"]?["parked"]?.integer == count
        }
    }

    /// Copies the image to a folder; another copy replaces its files with new ones.
    static func copyImage(to folder: String) async throws {
        let own = try Binaries.agent.dropLast("pm-agent".count)
        let script = """
            mkdir -p "$1" && cd "$1" && for file in initramfs.cpio vmlinux; do
                cp "$(realpath "$0")/../../vm-image/$file" "$file.new" && mv "$file.new" "$file" || exit 1
            done
            """
        let log = try TemporaryFolder()
        let process = try ChildProcess(["/bin/sh", "-c", script, "\(own)", folder], log: "\(log.path)/log")
        guard try await process.ended() == 0 else { throw TestError("no image: \(log.read("log"))") }
    }

    func isOnline(_ id: String) async throws {
        let watcher = try await host.watcher(of: "pm/\(id)/status")
        _ = try await watcher.next(within: Self.patience) { $0.text == "online" }
    }

    /// Calls a method of the agent in a VM, and returns the result.
    func inside(_ id: String, _ request: Request) async throws -> JSONValue {
        let inbox = "pm/reply/\(UInt64.random(in: 0 ... .max))"
        try await host.client.publish("pm/\(id)/control", request.replyTo(inbox).text)
        let answer = try await host.client.next(on: inbox, within: Self.patience).value
        guard let result = answer["result"] else { throw TestError("no result: \(answer)") }
        return result
    }

    /// Runs a script in a VM, and returns what it prints.
    func shell(_ id: String, _ script: String) async throws -> String {
        let name = "sh-\(UInt64.random(in: 0 ... .max))"
        let watcher = try await host.watcher(of: "pm/\(id)/process/\(name)")
        let started = try await inside(id, .startProcess(.shell(script, name: name)))
        guard started["status"] == "success" else { throw TestError("\(started)") }
        _ = try await watcher.next(within: Self.patience) { (try? $0.value)?["state"] == "exited" }
        let log = try await inside(id, .call("get_log", ["process_id": .string(name)]))
        return (log["stdout"]?.array ?? []).compactMap(\.string).joined(separator: "\n")
    }

    /// The log of a VM: the output of its console and of its runner.
    func log(_ id: String) async throws -> String {
        let log = try await host.method(.call("get_log", ["process_id": .string(id)]))
        return ["stdout", "stderr"].flatMap { log[$0]?.array ?? [] }.compactMap(\.string).joined(separator: "\n")
    }

    /// Waits until the host reports a VM in a certain state.
    @discardableResult
    func state(_ state: String, of id: String) async throws -> JSONValue {
        let watcher = try await host.watcher(of: host.topic("process/\(id)"))
        return try await watcher.next(within: Self.patience) { (try? $0.value)?["state"]?.string == state }.value
    }

}

/// Runs `body` with a host that can run VMs.
func withVMs(
    _ options: AgentProcess.Options = .init(), broker: Broker.Options = .init(),
    _ body: (VMBench) async throws -> Void
) async throws {
    var options = options
    options.vms = true
    try await withAgent(options, broker: broker) { try await body(VMBench(host: $0)) }
}
