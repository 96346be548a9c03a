package import Glibc

/// A real `pm-agent` with a state directory of its own, ended with SIGTERM.
package final class RunningAgent: @unchecked Sendable {
    package let host: String
    package let folder: TemporaryFolder
    private let process: ChildProcess

    package var pid: pid_t { process.pid }
    package var isRunning: Bool { process.isRunning }
    package var log: String { folder.read("log") }
    package var stateDirectory: String { "\(folder.path)/state" }

    /// - Parameters:
    ///   - configuration: the text of its configuration file.
    ///   - wrapper: words before the agent's own command line, as `["env", "SECRET=1"]`.
    package init(
        host: String, broker: String, folder: TemporaryFolder? = nil, configuration: String = "{}",
        arguments: [String] = [], wrapper: [String] = []
    ) throws {
        self.host = host
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        try folder.write(configuration, to: "agent.json")
        let words = [
            try Binaries.agent, "--host", host, "--broker", broker, "--state-dir", "\(folder.path)/state", "--config",
            "\(folder.path)/agent.json",
        ]
        process = try ChildProcess(wrapper + words + arguments, log: "\(folder.path)/log")
    }

    package func signal(_ signal: Int32) { process.signal(signal) }

    /// - Returns: the wait status.
    @discardableResult
    package func end(with signal: Int32 = SIGTERM) -> Int32 { process.end(with: signal) }
}

/// Runs `body` with an agent that is online, and shows what it logged when `body` throws.
package func withAgent<Result>(
    _ broker: Broker, host: String = "box", configuration: String = "{}", arguments: [String] = [],
    wrapper: [String] = [], _ body: (RunningAgent) async throws -> Result
) async throws -> Result {
    let watcher = try await TestClient(broker)
    try await watcher.subscribe("pm/\(host)/status")
    let agent = try RunningAgent(
        host: host, broker: broker.url, configuration: configuration, arguments: arguments, wrapper: wrapper)
    defer { agent.end() }
    do {
        _ = try await watcher.next { $0.text == "online" }
        return try await body(agent)
    } catch { throw TestError("\(error)\n--- the agent's log:\n\(agent.log)") }
}
