import HeapModule

/// Actions with deadlines, the earliest first.
struct TimerQueue {
    private struct Entry: Comparable {
        let deadline: Instant
        let id: TimerID

        static func < (left: Entry, right: Entry) -> Bool {
            (left.deadline, left.id.number) < (right.deadline, right.id.number)
        }
    }

    private var heap = Heap<Entry>()
    /// The actions of timers that are not cancelled. The heap entry of a cancelled one stays until its deadline.
    private var actions: [TimerID: () -> Void] = [:]
    private var lastNumber = 0

    var nextDeadline: Instant? {
        mutating get {
            while let first = heap.min, actions[first.id] == nil { heap.removeMin() }
            return heap.min?.deadline
        }
    }

    mutating func add(at deadline: Instant, _ action: @escaping () -> Void) -> TimerID {
        lastNumber += 1
        let id = TimerID(number: lastNumber)
        heap.insert(Entry(deadline: deadline, id: id))
        actions[id] = action
        return id
    }

    mutating func cancel(_ id: TimerID) {
        actions[id] = nil
        // Drops cancelled entries, because a far deadline that is set again and again must not pile up.
        if heap.count > 64, heap.count > 2 * actions.count {
            heap = Heap(heap.unordered.filter { actions[$0.id] != nil })
        }
    }

    /// Removes and returns the earliest action that is due.
    mutating func popDue(_ now: Instant) -> (() -> Void)? {
        guard let deadline = nextDeadline, deadline <= now else { return nil }
        return actions.removeValue(forKey: heap.removeMin().id)
    }
}

/// Identifies a timer, to cancel it.
package struct TimerID: Hashable, Sendable {
    let number: Int
}
