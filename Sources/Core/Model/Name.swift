/// An id in pmqtt's grammar: `[A-Za-z0-9][A-Za-z0-9._-]{0,62}`.
///
/// Names of hosts, nodes, VMs and processes all have this form. A name is safe as a topic level, as a file name and in
/// a log line.
package struct Name: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let description: String

    /// Nil when `text` does not match the grammar.
    package init?(_ text: String) {
        guard Self.isValid(text.utf8.span) else { return nil }
        description = text
    }

    package static func isValid(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count > 0, bytes.count <= Limits.nameLength, isAlphanumeric(bytes[0]) else { return false }
        for index in bytes.indices where !isAlphanumeric(bytes[index]) && !isPunctuation(bytes[index]) { return false }
        return true
    }

    /// The closest valid name: every byte outside the grammar becomes `-`, and the text is cut to the maximum length.
    package init(sanitizing text: String, fallback: StaticString) {
        var bytes: [UInt8] = []
        for byte in text.utf8.prefix(Limits.nameLength) {
            let isFirst = bytes.isEmpty
            if Self.isAlphanumeric(byte) || (!isFirst && Self.isPunctuation(byte)) {
                bytes.append(byte)
            } else if !isFirst {
                bytes.append(UInt8(ascii: "-"))
            }
        }
        description = bytes.isEmpty ? "\(fallback)" : String(decoding: bytes, as: UTF8.self)
    }

    package static func < (left: Name, right: Name) -> Bool { left.description < right.description }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private static func isPunctuation(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
}
