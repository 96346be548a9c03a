import Glibc
import TestSupport

/// The end of the soak: after SIGTERM the agent must leave no process, cgroup, socket or wrong retained entry.
extension Soak {
    func finish() async throws {
        let agent = setting.agent
        let identity = TemporaryFolder.identity(of: agent.stateDirectory)
        let status = try await agent.stop()
        if status != 0 { violate("the agent ended with wait status \(status)") }
        for marked in Marked.processes(of: tag) { violate("\(marked.slot) still runs: \(marked.process.pid)") }
        let group = "pm-agent-\(agent.options.host)-\(identity)"
        for path in FileStore.search("/sys/fs/cgroup", { name, _ in name == group }) { violate("\(path) is left") }
        for path in FileStore.search(agent.folder.path, { _, mode in mode == S_IFSOCK }) { violate("\(path) is left") }
        let client = try await TestClient(setting.broker)
        for filter in ["process/+", "status"] { try await client.subscribe("pm/\(setting.host)/\(filter)") }
        try await client.settle()
        for message in client.takeAll() {
            let isAtRest =
                message.topic.hasSuffix("/status")
                ? message.text == "offline" : ["exited", "failed"].contains(try message.value["state"]?.string)
            if !isAtRest { violate("retained after the end: \(message)") }
        }
    }
}
