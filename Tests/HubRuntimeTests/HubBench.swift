import HubRuntime
import Routing
import TestSupport
import Testing

/// A hub in a broker that only remembers, with the host `a`, which is online.
final class HubBench {
    let broker = FakeBroker()
    /// The connection of the agent of `a`; its user may do everything.
    let agent: ConnectionKey
    /// The usual requester: user `op`, client `me`.
    let client: ConnectionKey
    private var hub: Hub
    private let folder: TemporaryFolder

    /// A user with the right to send requests to `a` and to have answers below `pm/reply/op`.
    static let rules = """
        user root
        topic readwrite #
        user op
        topic write pm/hub/control
        topic write pm/a/control
        topic write pm/reply/op/#

        """

    /// - Parameters:
    ///   - rules: the broker's ACL file; nil for a broker without one.
    ///   - rate: maximum requests a second of each connection.
    init(_ rules: String? = nil, rate: Int? = nil) throws {
        folder = try TemporaryFolder()
        if let rules { try folder.write(rules, to: "acl") }
        hub = Hub(broker, accessList: rules == nil ? nil : "\(folder.path)/acl", requestRate: rate)
        agent = broker.connect("pm-agent-a", user: "root")
        client = broker.connect("me", user: "op")
        hub.start()
        // So that the first list is published, and the change is not.
        online("z", through: agent)
        send(FakeMessage("pm/z/status", "offline", from: agent, retain: true))
        send(FakeMessage("pm/z/status", "", from: agent, retain: true))
        online("a", through: agent)
        _ = broker.take()
    }

    /// Has a client publish a message.
    ///
    /// - Returns: the message if the hub lets it pass.
    @discardableResult
    func send(_ message: FakeMessage) -> FakeMessage? { hub.received(message) ? message : nil }

    /// Has the usual requester publish a message.
    @discardableResult
    func send(
        _ topic: String, _ payload: String, retain: Bool = false, properties: Message.Properties = .init()
    ) -> FakeMessage? {
        send(FakeMessage(topic, payload, from: client, retain: retain, properties: properties))
    }

    /// Sends a request to the hub and returns the hub's own answer.
    func answer(
        _ request: String, properties: Message.Properties = .init(), sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> OutgoingMessage {
        send("pm/hub/control", request, properties: properties)
        let answers = broker.take().filter { !$0.isRetained }
        #expect(answers.count == 1, sourceLocation: sourceLocation)
        return try #require(answers.first, sourceLocation: sourceLocation)
    }

    func online(_ host: String, through connection: ConnectionKey) {
        send(FakeMessage("pm/\(host)/status", "online", from: connection, retain: true))
    }

    func disconnect(_ connection: ConnectionKey) { hub.disconnected(connection) }

    /// Whether a client may connect with its id.
    func admits(_ connection: ConnectionKey) -> Bool { hub.admits(connection, user: broker.user(of: connection)) }

    /// Lets time pass, with a tick of the broker at the end.
    func pass(_ seconds: Double) {
        broker.wallTime += seconds
        broker.steadyTime += seconds
        hub.ticked()
    }

    func reload(_ rules: String) throws {
        try folder.write(rules, to: "acl")
        hub.reloaded()
    }
}

extension OutgoingMessage {
    var json: JSONValue { get throws { try JSONValue(String(decoding: payload, as: UTF8.self)) } }

    /// The code of the error, from an answer in the method dialect.
    var errorCode: String? { get throws { try json["result"]?["error"]?["code"]?.string } }
}
