import Testing

@testable import VMRuntime

/// Parsing of the packets that a guest sends during its warm-up.
@Suite struct ClientPacketTests {
    private static let cases: [(bytes: [UInt8], packet: ClientPacket)] = [
        ([0x10, 2, 0, 4], .connect),
        ([0x82, 5, 0, 7, 0, 0, 0], .subscribe([0, 7])),
        ([0x30, 5, 0, 3, 97, 47, 98], .publish(topic: "a/b", id: nil)),
        ([0x33, 6, 0, 1, 97, 1, 2, 0], .publish(topic: "a", id: [1, 2])),
        ([0xC0, 0], .other),
        // Packets with wrong lengths.
        ([0x82, 1, 0], .other),
        ([0x30, 3, 0, 9, 97], .other),
        ([0x32, 4, 0, 1, 97, 1], .other),
    ]

    @Test(arguments: cases)
    func `the first byte gives the type, and too short packets have none`(bytes: [UInt8], packet: ClientPacket) {
        var received = bytes + [0x10]
        #expect(ClientPacket(taking: &received) == packet)
        #expect(received == [0x10])
    }

    @Test(arguments: cases)
    func `an incomplete packet is left in the buffer`(bytes: [UInt8], packet: ClientPacket) {
        for count in 0..<bytes.count {
            var received = Array(bytes[..<count])
            #expect(ClientPacket(taking: &received) == nil)
            #expect(received == Array(bytes[..<count]))
        }
    }

    @Test func `a length may take more than one byte`() {
        let body: [UInt8] = [0, 1, 97] + [UInt8](repeating: 0, count: 297)
        var received = [0x30, 0xAC, 2] + body
        #expect(ClientPacket(taking: &received) == .publish(topic: "a", id: nil))
        #expect(received.isEmpty)
    }
}
