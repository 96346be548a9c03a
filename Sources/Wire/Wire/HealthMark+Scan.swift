import JSONCodec
package import Model

extension HealthMark {
    /// Reads what the hub needs from a health message, without parsing all of it: the hub sees every message of every
    /// host. Nil if it has no interval.
    package init?(scanning payload: Span<UInt8>) {
        func number(_ key: StaticString) -> Double? {
            TopLevelScan.number(key, in: payload, nestingLimit: Limits.nesting)
        }
        guard let interval = number("interval"), interval.isFinite else { return nil }
        let session = TopLevelScan.string("session", in: payload, nestingLimit: Limits.nesting).map { range in
            payload.extracting(range).withUnsafeBufferPointer { String(decoding: $0.prefix(64), as: UTF8.self) }
        }
        self.init(session: session, sequence: number("seq") ?? 0, interval: interval)
    }
}
