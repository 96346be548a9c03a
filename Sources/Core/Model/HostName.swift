/// The name by which an agent is addressed: a ``Name`` that is none of the reserved words below `pm/`.
package struct HostName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let name: Name

    package var description: String { name.description }

    /// `pm/hub/…`, `pm/cluster/…` and `pm/reply/…` are not topics of a host.
    package static let reserved: Set<String> = ["hub", "cluster", "reply"]

    package init?(_ text: String) {
        guard let name = Name(text), !Self.reserved.contains(text) else { return nil }
        self.name = name
    }

    package static func < (left: HostName, right: HostName) -> Bool { left.name < right.name }
}
