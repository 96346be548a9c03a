package import Model

/// Who waits for a turn to be brought up, and how many may be at it at the same time.
package struct LaunchQueue: Sendable {
    package var limit: Int
    private var waiting: [HostName] = []

    package init(limit: Int) { self.limit = limit }

    package var count: Int { waiting.count }

    package mutating func add(_ id: HostName) {
        if !waiting.contains(id) { waiting.append(id) }
    }

    /// Those who have had their turn, and could not take it yet.
    package mutating func putBack(_ ids: [HostName]) { waiting.insert(contentsOf: ids, at: 0) }

    package mutating func remove(_ id: HostName) { waiting.removeAll { $0 == id } }

    /// Takes out whose turn it is.
    ///
    /// - Parameter active: how many are at it now.
    package mutating func next(active: Int) -> HostName? {
        guard active < limit, !waiting.isEmpty else { return nil }
        return waiting.removeFirst()
    }
}
