import Cluster
import Model

/// Starts queued instances in order, as many at once as `max_launches` allows.
final class LaunchTurns {
    private var queue: LaunchQueue
    /// Whether ``take(active:start:)`` runs. A start that fails at once ends in another call.
    private var isTaking = false

    init(limit: Int) { queue = LaunchQueue(limit: limit) }

    var count: Int { queue.count }

    func change(limit: Int) { queue.limit = limit }
    func add(_ id: HostName) { queue.add(id) }
    func remove(_ id: HostName) { queue.remove(id) }

    /// - Parameters:
    ///   - active: the number of instances that are being started now.
    ///   - start: starts an instance; false if it has to wait for another turn, and keeps its place.
    func take(active: () -> Int, start: (HostName) -> Bool) {
        guard !isTaking else { return }
        isTaking = true
        defer { isTaking = false }
        var waiting: [HostName] = []
        while queue.count > 0 {
            guard let id = queue.next(active: active()) else { break }
            if !start(id) { waiting.append(id) }
        }
        queue.putBack(waiting)
    }
}
