import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Testing
import UnitSupport

@testable import ClusterRuntime

/// When a pm-cluster becomes active, and what happens to requests until then.
struct LeadershipTests {
    private let publisher = FakePublisher()
    private let leadership: Leadership
    private let loop: EventLoop

    init() throws {
        loop = try EventLoop()
        leadership = Leadership(publisher, on: loop)
    }

    private func request(_ text: String = "{}") -> Message {
        Message(topic: "pm/cluster/node/control", payload: Array(text.utf8))
    }

    @Test func `without another pm-cluster it becomes active as soon as the broker's messages are read`() {
        var begun: [Bool] = []
        leadership.began = { begun.append($0) }
        leadership.connected()
        #expect(!leadership.isActing)
        leadership.ready()
        #expect(leadership.isActing && begun == [true])
        leadership.disconnected()
        #expect(!leadership.isActing)
        leadership.connected()
        leadership.ready()
        #expect(leadership.isActing && begun == [true, false])
    }

    @Test func `it waits for an objection while the status says online, and yields to one`() {
        var other: String?
        leadership.yielded = { other = $0 }
        leadership.connected()
        leadership.heardStatus(isOnline: true)
        leadership.ready()
        #expect(!leadership.isActing && publisher.take().count == 1)
        leadership.heardClaim(["name": "first", "acting_since": .number(1)])
        #expect(other == "first" && !leadership.isActing)
        #expect(leadership.treatment(of: request(), .node) == .ignore)
    }

    @Test func `it ignores the echo of its own claim`() throws {
        leadership.ready()
        let message = try #require(publisher.take().first)
        leadership.heardClaim(try JSON.parse(message.payload.span, sizeLimit: 1_000, nestingLimit: 4))
        #expect(leadership.isActing && publisher.take().isEmpty)
    }

    @Test func `requests wait until it is active, in order`() {
        #expect(leadership.treatment(of: request("1"), .node) == .wait)
        #expect(leadership.treatment(of: request("2"), .vm) == .wait)
        leadership.ready()
        #expect(leadership.takeHeld().map(\.message.text) == ["1", "2"])
        #expect(leadership.takeHeld().isEmpty)
        #expect(leadership.treatment(of: request(), .node) == .execute)
    }

    @Test func `requests over the limit are refused only after it was active once`() {
        for _ in 0..<Limits.heldRequests { _ = leadership.treatment(of: request(), .node) }
        #expect(leadership.treatment(of: request(), .node) == .ignore)
        leadership.ready()
        leadership.disconnected()
        _ = leadership.takeHeld()
        for _ in 0..<Limits.heldRequests { _ = leadership.treatment(of: request(), .node) }
        #expect(leadership.treatment(of: request(), .node) == .refuse)
    }

    @Test func `a pm-cluster that ends does not become active any more`() {
        leadership.leave()
        leadership.ready()
        #expect(!leadership.isActing && publisher.take().isEmpty)
    }
}
