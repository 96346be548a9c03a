/// The program that manages a process, as the `apply` that has put it on a host says:
/// `[A-Za-z0-9][A-Za-z0-9._:-]{0,95}`.
///
/// An `apply` touches only the processes of its own owner, so that several programs can each manage a part of a host.
package struct Owner: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// pm-cluster, which owns nodes and VMs.
    package static let cluster = Owner(known: "cluster")

    private init(known text: String) { description = text }

    /// Nil when `text` does not match the grammar.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, bytes.count <= Limits.ownerLength, Name.isAlphanumeric(first),
            bytes.allSatisfy({ Name.isAlphanumeric($0) || Self.punctuation.contains($0) })
        else { return nil }
        description = text
    }

    private static let punctuation = Array("._:-".utf8)
}
