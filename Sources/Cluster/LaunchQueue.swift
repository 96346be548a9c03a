package import Model

/// Who waits for a turn to be brought up, and how many may be at it at the same time.
package struct LaunchQueue: Sendable {
    package let limit: Int
    private var waiting: [HostName] = []

    package init(limit: Int) { self.limit = limit }

    package var count: Int { waiting.count }

    package mutating func add(_ id: HostName) {
        if !waiting.contains(id) { waiting.append(id) }
    }

    package mutating func remove(_ id: HostName) { waiting.removeAll { $0 == id } }

    /// Takes out whose turn it is.
    ///
    /// - Parameter active: how many are at it now.
    package mutating func next(active: Int) -> HostName? {
        guard active < limit, !waiting.isEmpty else { return nil }
        return waiting.removeFirst()
    }
}
