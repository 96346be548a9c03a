import Glibc
import TestSupport

/// A broker, an agent with the host name `bench`, and a load that is subscribed to its response topic.
final class AgentSetting {
    static let control = "pm/bench/control"
    static let response = "pm/bench/response"

    let broker: Broker
    let agent: ChildProcess
    let load: Load

    /// - Parameter configuration: the text of its configuration file.
    init(_ configuration: String = "{}") throws {
        broker = try Broker(.init())
        try broker.folder.write(configuration, to: "agent.json")
        agent = try ChildProcess(
            [
                // The same user as for the processes of the yardsticks.
                "/usr/bin/env", "PM_RUN_AS=\(geteuid())", try Binaries.agent, "--host", "bench", "--broker", broker.url,
                "--state-dir", "\(broker.folder.path)/state", "--config", "\(broker.folder.path)/agent.json",
            ], log: "\(broker.folder.path)/agent")
        load = try Load(socket: broker.socket, subscriptions: [Self.response, "pm/bench/status"])
        try load.await("pm/bench/status", payload: "online")
    }

    /// The agent's own processes: the keeper, which the bench has started, and the worker.
    var processes: [pid_t] {
        let worker = SystemProcess(Int(agent.pid)).children.first(where: \.isWorker)
        return [agent.pid] + (worker.map { [pid_t($0.pid)] } ?? [])
    }

    func end() {
        agent.end(with: SIGTERM)
        broker.stop()
    }
}
