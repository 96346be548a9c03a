/// A packet from an MQTT 5 client, as far as ``WarmUp`` needs to understand it.
enum ClientPacket: Equatable {
    case connect
    /// With its packet identifier, two bytes.
    case subscribe([UInt8])
    /// With its packet identifier if it needs an acknowledgement.
    case publish(topic: String, id: [UInt8]?)
    case other

    /// Removes the first packet from the received bytes; nil when it is not complete yet.
    init?(taking bytes: inout [UInt8]) {
        var length = 0, start = 1
        while true {
            guard start < bytes.count, start <= 4 else { return nil }
            length |= Int(bytes[start] & 127) << (7 * (start - 1))
            start += 1
            if bytes[start - 1] < 128 { break }
        }
        guard bytes.count >= start + length else { return nil }
        self.init(first: bytes[0], Array(bytes[start..<start + length]))
        bytes.removeFirst(start + length)
    }

    private init(first: UInt8, _ body: [UInt8]) {
        switch first >> 4 {
        case 1: self = .connect
        case 8 where body.count >= 2: self = .subscribe(Array(body[..<2]))
        case 3 where body.count >= 2:
            let end = 2 + Int(body[0]) << 8 + Int(body[1])
            let isConfirmed = first & 6 != 0
            guard body.count >= end + (isConfirmed ? 2 : 0) else { fallthrough }
            let topic = String(decoding: body[2..<end], as: UTF8.self)
            self = .publish(topic: topic, id: isConfirmed ? Array(body[end..<end + 2]) : nil)
        default: self = .other
        }
    }
}
