/// To whom a process belongs that an `apply` has put on a host: `[A-Za-z0-9][A-Za-z0-9._:-]{0,95}`.
///
/// An `apply` touches only the processes of its own owner, so that several programs can each manage a part of a host.
package struct Owner: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// pm-cluster, to which nodes and VMs belong.
    package static let cluster = Owner(known: "cluster")

    private init(known text: String) { description = text }

    /// Nil when `text` does not match the grammar.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, bytes.count <= Limits.ownerLength, Self.isAlphanumeric(first),
            bytes.allSatisfy({ Self.isAlphanumeric($0) || Self.punctuation.contains($0) })
        else { return nil }
        description = text
    }

    private static let punctuation = Array("._:-".utf8)

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
