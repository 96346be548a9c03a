/// Text that can't be guessed: for ids and inboxes.
package enum RandomText {
    /// Of 128 bits, in lower-case letters and digits.
    package static func make() -> String {
        String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
    }
}
