package import Model

/// The instances that wait to be started, first in first out, and the limit of concurrent starts.
package struct LaunchQueue: Sendable {
    package var limit: Int
    private var waiting: [HostName] = []

    package init(limit: Int) { self.limit = limit }

    package var count: Int { waiting.count }

    package mutating func add(_ id: HostName) {
        if !waiting.contains(id) { waiting.append(id) }
    }

    /// Puts instances back in front that were taken out and can't be started yet.
    package mutating func putBack(_ ids: [HostName]) { waiting.insert(contentsOf: ids, at: 0) }

    package mutating func remove(_ id: HostName) { waiting.removeAll { $0 == id } }

    /// Takes out the next instance; nil if the queue is empty or the limit is reached.
    ///
    /// - Parameter active: the number of instances that are being started.
    package mutating func next(active: Int) -> HostName? {
        guard active < limit, !waiting.isEmpty else { return nil }
        return waiting.removeFirst()
    }
}
