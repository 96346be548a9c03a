/// Unguessable text for ids and reply topics.
package enum RandomText {
    /// 128 random bits in lower-case letters and digits.
    package static func make() -> String {
        String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
    }
}
