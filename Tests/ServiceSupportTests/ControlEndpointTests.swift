import LinuxSystem
import MQTTTransport
import Model
import ServiceSupport
import TestSupport
import Testing
import UnitSupport
import Wire

/// The request handling that agent and pm-cluster share, without a broker.
struct ControlEndpointTests {
    private let publisher = FakePublisher()
    private let service = EchoService()
    private let folder: TemporaryFolder
    private let endpoint: ControlEndpoint<EchoService>

    init() throws {
        folder = try TemporaryFolder()
        endpoint = ControlEndpoint(
            service, topic: .response(try #require(HostName("h"))), publisher: publisher, quotas: Quotas(),
            audit: AuditLog(stateDirectory: folder.path, on: try EventLoop()))
    }

    private func message(
        _ method: String, id: String? = nil, replyTo: String? = nil, _ more: String = "",
        properties: MessageProperties = .init()
    ) -> MQTTTransport.Message {
        let id = id.map { #","id":"\#($0)""# } ?? ""
        let replyTo = replyTo.map { #","reply_to":"\#($0)""# } ?? ""
        return MQTTTransport.Message(
            topic: "pm/h/control", payload: Array(#"{"method":"\#(method)"\#(id)\#(replyTo)\#(more)}"#.utf8),
            properties: properties)
    }

    private func send(
        _ method: String, id: String? = nil, replyTo: String? = nil, _ more: String = "",
        properties: MessageProperties = .init()
    ) {
        endpoint.handle(message(method, id: id, replyTo: replyTo, more, properties: properties))
    }

    @Test func `an answer is retained on the default topic, and its copy is not`() {
        send("work", replyTo: "pm/reply/me")
        #expect(publisher.take().isEmpty)
        service.answer("done")
        let answers = publisher.take()
        #expect(answers.map(\.topic) == ["pm/h/response", "pm/reply/me"])
        #expect(answers.map(\.isRetained) == [true, false] && answers.map(\.text) == ["done", "done"])
    }

    @Test func `a service can name the topic of the copy`() {
        service.copy = "pm/hub/response"
        send("work")
        service.answer("done")
        #expect(publisher.take().map(\.topic) == ["pm/h/response", "pm/hub/response"])
        send("work", replyTo: "pm/reply/me")
        service.answer("done")
        #expect(publisher.take().map(\.topic) == ["pm/h/response", "pm/reply/me"])
    }

    private static let sent = #","timestamp":"# + "\(WallClock.now)"

    @Test func `an equal request with an id under way is answered with the first`() {
        for number in 1...3 { send("work", id: "a", properties: MessageProperties(responseTopic: "r/\(number)")) }
        #expect(service.count == 1)
        service.answer("done")
        #expect(Set(publisher.take().map(\.topic)) == ["pm/h/response", "r/1", "r/2", "r/3"])
    }

    @Test func `after the answer, an equal request needs a timestamp to be a duplicate`() {
        for isDated in [false, true] {
            let count = service.count
            for _ in 1...3 {
                send("work", id: "a", isDated ? Self.sent : "")
                service.answer("done")
                #expect(publisher.take().map(\.text) == ["done"])
            }
            #expect(service.count == count + (isDated ? 1 : 3))
        }
    }

    @Test func `another request with the same id is carried out`() {
        send("work", id: "a", Self.sent)
        send("end", id: "a", Self.sent)
        send("work", id: "a", Self.sent + " ")
        send("work", id: "a", #","x":1"# + Self.sent)
        #expect(service.count == 4)
    }

    @Test func `a reading request is carried out each time`() {
        for _ in 1...3 {
            send("read", id: "a", Self.sent)
            service.answer("done")
        }
        #expect(service.count == 3)
    }

    @Test func `requests without an id are no duplicates`() {
        for _ in 1...3 { send("work", Self.sent) }
        #expect(service.count == 3 && service.begun.isEmpty)
    }

    @Test func `what an earlier run has begun is not carried out again`() throws {
        send("work", id: "a", Self.sent)
        send("work", id: "b")
        let digest = try #require(service.begun.first)
        #expect(service.begun.count == 1)
        let next = ControlEndpoint(
            service, topic: .response(try #require(HostName("h"))), publisher: publisher, quotas: Quotas(),
            audit: AuditLog(stateDirectory: folder.path, on: try EventLoop()))
        next.inherit(try #require(PayloadDigest(digest.description)), age: 10)
        for id in ["a", "b"] { next.handle(message("work", id: id, id == "a" ? Self.sent : "")) }
        #expect(service.count == 3 && publisher.take().map(\.text) == ["internal"])
        next.inherit(digest, age: Limits.duplicateWindow + 1)
        next.handle(message("work", id: "a", Self.sent))
        #expect(service.count == 3)
    }

    @Test func `what is malformed, foreign, expired or too large is refused, and not carried out`() {
        send("nothing")
        service.refusal = Failure(.wrongNode, "x")
        send("work")
        service.refusal = nil
        send("work", #","timestamp":1"#)
        endpoint.quotas.payload = 100
        send("work", #","args":{"text":"\#(String(repeating: "x", count: 100))"}"#)
        endpoint.handle(Message(topic: "pm/h/control", payload: Array("no JSON".utf8)))
        #expect(service.count == 0)
        #expect(
            publisher.take().map(\.text) == [
                "unknown_method", "wrong_node", "expired", "malformed_request", "malformed_request",
            ])
    }

    @Test func `requests in progress have a limit, which what ends something may pass`() {
        endpoint.quotas.requests = 2
        for _ in 0..<3 { send("work") }
        #expect(service.count == 2 && publisher.take().map(\.text) == ["no_capacity"])
        send("end")
        #expect(service.count == 3)
        service.answer("done")
        send("work")
        #expect(service.count == 4)
    }

    @Test func `requests a second have a limit, which what ends something may pass`() {
        endpoint.quotas.requestRate = 5
        for _ in 0..<50 { send("work") }
        let refused = publisher.take().count { $0.text == "no_capacity" }
        #expect(service.count + refused == 50 && service.count >= 5 && refused > 0)
        let before = service.count
        send("end")
        #expect(service.count == before + 1)
    }

    @Test func `while the broker is behind, what reads is refused and what works is carried out`() {
        publisher.isCongested = true
        send("read")
        send("work")
        #expect(service.count == 1 && publisher.take().map(\.text) == ["no_capacity"])
    }

    @Test func `a retained request is cleared, and not carried out`() {
        let requests = RetainedRequests(publisher)
        let retained = Message(topic: "pm/h/control", payload: Array("x".utf8), isRetained: true)
        #expect(!requests.isRequest(retained))
        let clearing = publisher.take()
        #expect(clearing.map(\.isRetained) == [true] && clearing.map(\.payload) == [[]])
        #expect(requests.isRequest(Message(topic: "pm/h/control", payload: Array("x".utf8))))
    }

    @Test func `in MQTT 3.1.1 the session's own clearing comes back once`() {
        publisher.isMQTT5 = false
        let requests = RetainedRequests(publisher)
        let empty = Message(topic: "pm/h/control", payload: [])
        #expect(requests.isRequest(empty))
        _ = requests.isRequest(Message(topic: "pm/h/control", payload: Array("x".utf8), isRetained: true))
        #expect(!requests.isRequest(empty) && requests.isRequest(empty))
    }
}
