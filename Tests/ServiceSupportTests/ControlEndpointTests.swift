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

    private func send(_ method: String, id: String? = nil, replyTo: String? = nil, _ more: String = "") {
        let id = id.map { #","id":"\#($0)""# } ?? ""
        let replyTo = replyTo.map { #","reply_to":"\#($0)""# } ?? ""
        endpoint.handle(
            Message(topic: "pm/h/control", payload: Array(#"{"method":"\#(method)"\#(id)\#(replyTo)\#(more)}"#.utf8)))
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

    @Test func `the same id again is answered and not carried out again`() {
        send("work", id: "a", replyTo: "pm/reply/1")
        send("work", id: "a", replyTo: "pm/reply/2")
        #expect(service.count == 1)
        service.answer("done")
        #expect(Set(publisher.take().map(\.topic)) == ["pm/h/response", "pm/reply/1", "pm/reply/2"])
        send("work", id: "a", replyTo: "pm/reply/3")
        #expect(service.count == 1 && publisher.take().map(\.text) == ["done", "done"])
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
