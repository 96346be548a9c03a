/// A topic filter as a client subscribes to it (MQTT 5 section 4.7), in bytes, as brokers compare them.
struct TopicFilter: Equatable, Sendable {
    private let levels: [[UInt8]]
    private static let one = UInt8(ascii: "+"), all = UInt8(ascii: "#")

    /// Nil where a wildcard is not a level of its own, `#` not the last one, or nothing is there.
    init?(_ bytes: some Collection<UInt8>) {
        levels = Self.split(bytes)
        guard !bytes.isEmpty else { return nil }
        for (index, level) in levels.enumerated() where Self.hasWildcard(level) {
            guard level == [Self.one] || level == [Self.all] && index == levels.count - 1 else { return nil }
        }
    }

    func matches(_ topic: [UInt8]) -> Bool {
        let topic = Self.split(topic)
        for (index, level) in levels.enumerated() {
            // It stands for the level above it as well.
            if level == [Self.all] { return topic.count >= index }
            guard index < topic.count, level == [Self.one] || level == topic[index] else { return false }
        }
        return levels.count == topic.count
    }

    static func hasWildcard(_ bytes: some Sequence<UInt8>) -> Bool { bytes.contains { $0 == one || $0 == all } }

    private static func split(_ bytes: some Collection<UInt8>) -> [[UInt8]] {
        bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Array($0) }
    }
}
