import Model
import Wire

/// A parsed topic is printed unchanged, and an accepted reply topic follows the rules of the protocol.
enum TopicFuzz {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        if let topic = Topic(text) {
            try hold(topic.description.utf8.elementsEqual(bytes), "\(text) is printed as \(topic)")
            try hold(bytes.count { $0 == UInt8(ascii: "/") } <= 7, "\(text) has too many levels")
        }
        if let reply = try? ReplyTopic(text) { try checkReply(reply.description, bytes) }
        try checkNames(text, bytes)
    }

    /// Checks the rules of docs/protocol.md one by one, on bytes.
    static func checkReply(_ text: String, _ bytes: [UInt8]) throws(Violation) {
        try hold(text.utf8.elementsEqual(bytes), "a reply topic is changed")
        try hold((1...Limits.replyTopic).contains(bytes.count), "a reply topic of \(bytes.count) bytes")
        try hold(!bytes.contains { $0 == 0x2B || $0 == 0x23 || $0 < 0x20 }, "\(text) has a forbidden character")
        try hold(bytes[0] != UInt8(ascii: "$"), "\(text) is a topic of the broker")
        try hold(bytes.count { $0 == UInt8(ascii: "/") } <= 7, "\(text) has too many levels")
        let isOurs = bytes == Array("pm".utf8) || bytes.starts(with: "pm/".utf8)
        let isReply = bytes.starts(with: "pm/reply/".utf8) || bytes.reversed().starts(with: "/response".utf8.reversed())
        try hold(!isOurs || isReply, "\(text) is not a reply topic")
        switch Topic(text) {
        case nil, .response, .hub(.response), .clusterResponse: break
        case let topic?: throw Violation(description: "\(topic) is accepted as a reply topic")
        }
    }

    private static func checkNames(_ text: String, _ bytes: [UInt8]) throws(Violation) {
        let isName = (1...63).contains(bytes.count) && isFirst(bytes[0]) && bytes.allSatisfy(isLater)
        try hold((Name(text) != nil) == isName, "\(text) as a name must be valid: \(isName)")
        let isHost = isName && !["hub", "cluster", "reply"].contains(text)
        try hold((HostName(text) != nil) == isHost, "\(text) as a host name must be valid: \(isHost)")
        let made = Name(sanitizing: text, fallback: "x").description
        try hold(Name(made) != nil, "\(text) is sanitized to \(made)")
        try hold(!isName || made == text, "\(text) is sanitized to \(made)")
    }

    private static func isFirst(_ byte: UInt8) -> Bool {
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8.contains(byte)
    }

    private static func isLater(_ byte: UInt8) -> Bool { isFirst(byte) || "._-".utf8.contains(byte) }
}
