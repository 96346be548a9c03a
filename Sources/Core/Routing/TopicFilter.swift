/// A topic filter of a subscription (MQTT 5 section 4.7), compared byte by byte, as brokers do.
struct TopicFilter: Equatable, Sendable {
    private let levels: [[UInt8]]
    private static let one = UInt8(ascii: "+"), all = UInt8(ascii: "#")

    /// Nil when the filter is empty, when a wildcard is not a whole level, or when `#` is not the last level.
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
            // `#` also matches the parent level.
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
