import Testing

@testable import MQTTTransport

struct OutboxTests {
    private func entry(
        _ number: Int, bytes: Int = 1, qos: Int32 = 1, whenOffline: Session.OfflinePolicy = .keep
    ) -> Outbox.Entry {
        let message = Message(topic: "\(number)", payload: [UInt8](repeating: 0, count: bytes), qos: qos)
        return Outbox.Entry(message: message, whenOffline: whenOffline)
    }

    private func outbox(messages: Int = 1_000, bytes: Int = 1_000, window: Int = 1_000) -> Outbox {
        Outbox(messageLimit: messages, byteLimit: bytes, window: window)
    }

    /// The topics of all that may be sent.
    private func drain(_ outbox: inout Outbox) -> [String] {
        var topics: [String] = []
        while let entry = outbox.next() { topics.append(entry.message.topic) }
        return topics
    }

    @Test func `messages leave in the order in which they came`() {
        var outbox = outbox(messages: 10)
        #expect(outbox.isEmpty)
        for number in 0..<10 { outbox.add(entry(number)) }
        #expect(!outbox.isEmpty && outbox.droppedMessages == 0)
        #expect(drain(&outbox) == (0..<10).map(String.init))
        #expect(outbox.isEmpty)
    }

    @Test func `beyond the limit of messages the oldest is dropped`() {
        var outbox = outbox(messages: 3)
        for number in 0..<5 { outbox.add(entry(number)) }
        #expect(outbox.droppedMessages == 2)
        #expect(drain(&outbox) == ["2", "3", "4"])
    }

    @Test func `beyond the limit of bytes as many as necessary are dropped`() {
        var outbox = outbox(bytes: 10)
        for number in 0..<10 { outbox.add(entry(number)) }
        #expect(outbox.droppedMessages == 0)
        outbox.add(entry(10, bytes: 10))
        #expect(outbox.droppedMessages == 10)
        #expect(drain(&outbox) == ["10"])
    }

    @Test func `a message larger than the limit is still sent, alone`() {
        var outbox = outbox(bytes: 10)
        outbox.add(entry(0))
        outbox.add(entry(1, bytes: 1_000))
        #expect(outbox.droppedMessages == 1)
        #expect(drain(&outbox) == ["1"])
        // Its bytes do not count any more.
        for number in 0..<10 { outbox.add(entry(number)) }
        #expect(outbox.droppedMessages == 1)
    }

    @Test func `the library has at most as many messages as the window`() {
        var outbox = outbox(window: 2)
        for number in 0..<4 { outbox.add(entry(number)) }
        for id in Int32(1)...2 { if let entry = outbox.next() { outbox.taken(entry, id: id) } }
        #expect(outbox.next() == nil)
        outbox.confirmed(2)
        outbox.confirmed(77)
        #expect(outbox.next()?.message.topic == "2")
    }

    @Test func `a message that could not be sent is the next one again`() {
        var outbox = outbox()
        for number in 0..<3 { outbox.add(entry(number)) }
        if let first = outbox.next() { outbox.putBack(first) }
        #expect(drain(&outbox) == ["0", "1", "2"])
    }

    @Test func `a lost connection drops messages that are not kept offline`() {
        var outbox = outbox()
        for number in 0..<6 { outbox.add(entry(number, whenOffline: number % 2 == 0 ? .keep : .drop)) }
        outbox.connectionLost()
        #expect(drain(&outbox) == ["0", "2", "4"])
    }

    @Test func `unwritten messages of QoS 0 are sent again, those of QoS 1 by the library`() {
        var outbox = outbox()
        for number in 0..<6 { outbox.add(entry(number, qos: number < 3 ? 0 : 1)) }
        for id in Int32(1)...4 { if let entry = outbox.next() { outbox.taken(entry, id: id) } }
        outbox.confirmed(1)
        outbox.connectionLost()
        #expect(drain(&outbox) == ["1", "2", "4", "5"])
        #expect(!outbox.isEmpty, "the message of QoS 1 is still unconfirmed")
        outbox.confirmed(4)
        #expect(outbox.isEmpty)
    }
}
