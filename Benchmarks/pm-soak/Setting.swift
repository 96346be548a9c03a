import Glibc
import TestSupport

/// A broker with the hub, an agent, and a client that gives each request its own response topic.
@MainActor
final class Setting {
    let broker: Broker
    let agent: AgentProcess
    private(set) var client: TestClient

    private var lastNumber = 0

    /// A setting in which the agent is connected to the broker directly.
    convenience init() async throws {
        let broker = try Broker(.init(hub: true))
        try await self.init(
            broker, AgentProcess(.init(host: "soak", configuration: #"{"stop_grace":1}"#), url: broker.url))
    }

    init(_ broker: Broker, _ agent: AgentProcess) async throws {
        self.broker = broker
        self.agent = agent
        client = try await TestClient(broker)
        try FileStore.makeDirectory(agent.stateDirectory)
        try FileStore.makeDirectory(specDirectory)
        try await subscribe()
    }

    var host: String { agent.options.host }
    /// The prefix of the response topics; a number follows.
    var replies: String { "pm/reply/\(host)/" }
    var specDirectory: String { "\(agent.stateDirectory)/processes.d" }

    /// Connects a new client after a restart of the broker.
    func reconnect() async throws {
        client = try await TestClient(broker)
        try await subscribe()
    }

    private func subscribe() async throws {
        try await client.subscribe("\(replies)+")
        try await client.subscribe("pm/\(host)/log/#", qos: 0)
    }

    /// Sends a request without waiting for the answer.
    ///
    /// - Returns: the response topic.
    func send(_ text: String, isRouted: Bool) throws -> String {
        lastNumber += 1
        let topic = "\(replies)\(lastNumber)"
        let target = isRouted ? "pm/hub/control" : "pm/\(host)/control"
        try client.send(target, Array(text.utf8), qos: 1, properties: .init(responseTopic: topic))
        return topic
    }

    /// Sends a request and returns its answer. Throws if there is none.
    func ask(_ text: String) async throws -> JSONValue {
        let topic = try send(text, isRouted: false)
        return try await client.next(on: topic).value
    }

    func result(_ method: String, _ arguments: String = "{}") async throws -> JSONValue {
        let answer = try await ask(#"{"method":"\#(method)","args":\#(arguments)}"#)
        guard case .success(let result) = Reply(answer) else { throw TestError("\(method): \(answer)") }
        return result
    }
}
