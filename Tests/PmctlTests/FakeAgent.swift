import JSONCodec
import TestSupport
import Testing

/// A test double of an agent. It publishes the status and health that the test gives it, and answers a request only
/// when the test calls ``answer(_:_:)`` or ``answerNext(_:)``.
final class FakeAgent: Sendable {
    let client: TestClient
    private let host: String

    init(_ broker: Broker, _ host: String = "alpha", status: String = "online") async throws {
        self.host = host
        client = try await TestClient(broker)
        try await client.subscribe("pm/\(host)/control")
        try await say("status", status)
    }

    /// Publishes on one of the host's topics, retained.
    func say(_ topic: String, _ text: String) async throws {
        try await client.publish("pm/\(host)/\(topic)", text, retain: true)
    }

    /// The next request.
    func request() async throws -> JSON { try Samples.json(try await client.next(on: "pm/\(host)/control").text) }

    func answer(_ request: JSON, _ result: JSON) async throws {
        let topic = try #require(request["reply_to"]?.string)
        try await client.publish(topic, JSON.object([.init("request", request), .init("result", result)]).printed())
    }

    /// Answers the next request.
    ///
    /// - Returns: the request.
    @discardableResult
    func answerNext(_ result: JSON) async throws -> JSON {
        let request = try await request()
        try await answer(request, result)
        return request
    }
}
