@testable import MQTTTransport
import Testing

struct OutboxTests {
    private func message(_ number: Int, bytes: Int = 1) -> Message {
        Message(topic: "\(number)", payload: [UInt8](repeating: 0, count: bytes))
    }

    private func drain(_ outbox: inout Outbox) -> [String] {
        var topics: [String] = []
        while let message = outbox.popFirst() { topics.append(message.topic) }
        return topics
    }

    @Test func `messages leave in the order in which they came`() {
        var outbox = Outbox(messageLimit: 10, byteLimit: 100)
        #expect(outbox.isEmpty)
        for number in 0..<10 { #expect(outbox.append(message(number)) == 0) }
        #expect(!outbox.isEmpty)
        #expect(drain(&outbox) == (0..<10).map(String.init))
        #expect(outbox.isEmpty)
    }

    @Test func `over the bound of messages the oldest goes`() {
        var outbox = Outbox(messageLimit: 3, byteLimit: 100)
        #expect((0..<5).map { outbox.append(message($0)) } == [0, 0, 0, 1, 1])
        #expect(drain(&outbox) == ["2", "3", "4"])
    }

    @Test func `over the bound of bytes as many go as must`() {
        var outbox = Outbox(messageLimit: 100, byteLimit: 10)
        for number in 0..<10 { _ = outbox.append(message(number)) }
        #expect(outbox.append(message(10, bytes: 10)) == 10)
        #expect(drain(&outbox) == ["10"])
    }

    @Test func `one that is larger than the bound is still sent, alone`() {
        var outbox = Outbox(messageLimit: 100, byteLimit: 10)
        #expect(outbox.append(message(0)) == 0)
        #expect(outbox.append(message(1, bytes: 1000)) == 1)
        #expect(outbox.append(message(2)) == 1)
        #expect(drain(&outbox) == ["2"])
        // Its bytes are given back.
        #expect((0..<10).map { outbox.append(message($0)) } == Array(repeating: 0, count: 10))
    }
}
