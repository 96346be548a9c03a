import HeapModule

/// Actions that wait for their time, the earliest first.
struct TimerQueue {
    private struct Entry: Comparable {
        let deadline: Instant
        let id: TimerID

        static func < (left: Entry, right: Entry) -> Bool {
            (left.deadline, left.id.number) < (right.deadline, right.id.number)
        }
    }

    private var heap = Heap<Entry>()
    /// What is not here any more was cancelled; its entry goes when its time comes.
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
        // A far deadline that is set anew again and again must not pile up.
        if heap.count > 64, heap.count > 2 * actions.count {
            heap = Heap(heap.unordered.filter { actions[$0.id] != nil })
        }
    }

    /// Takes out the earliest action whose time has come.
    mutating func popDue(_ now: Instant) -> (() -> Void)? {
        guard let deadline = nextDeadline, deadline <= now else { return nil }
        return actions.removeValue(forKey: heap.removeMin().id)
    }
}

/// Names a timer, so that it can be cancelled.
package struct TimerID: Hashable, Sendable {
    let number: Int
}
