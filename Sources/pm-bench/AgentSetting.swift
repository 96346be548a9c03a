import Glibc
import TestSupport

/// A broker, an agent called `bench` and a load on its response topic.
final class AgentSetting {
    let broker: Broker
    let agent: ChildProcess
    let load: Load

    init() throws {
        broker = try Broker(.init())
        agent = try ChildProcess(
            [
                try Binaries.agent, "--host", "bench", "--broker", broker.url, "--state-dir",
                "\(broker.folder.path)/state",
            ], log: "\(broker.folder.path)/agent")
        load = try Load(socket: broker.socket, subscriptions: ["pm/bench/response", "pm/bench/status"])
        try load.await("pm/bench/status", payload: "online")
    }

    func end() {
        agent.end(with: SIGTERM)
        broker.stop()
    }
}
