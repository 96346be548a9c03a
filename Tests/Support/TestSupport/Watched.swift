import Synchronization

/// State that other threads change and that tasks wait for, without polling and without blocking a thread.
package final class Watched<State: Sendable>: Sendable {
    private struct Inner {
        var state: State
        var lastWaiter = 0
        /// Each returns whether it has got the value that it waits for.
        var waiters: [Int: @Sendable (inout State) -> Bool] = [:]
        var onTimeout: [Int: @Sendable () -> Void] = [:]
    }

    private let inner: Mutex<Inner>

    package init(_ state: State) { inner = Mutex(Inner(state: state)) }

    @discardableResult
    package func update<Result: Sendable>(_ change: @Sendable (inout State) -> Result) -> Result {
        inner.withLock { inner in
            let result = change(&inner.state)
            for (id, take) in inner.waiters.sorted(by: { $0.key < $1.key }) where take(&inner.state) {
                inner.waiters[id] = nil
                inner.onTimeout[id] = nil
            }
            return result
        }
    }

    /// The first value that `take` returns, now or after a later change. Throws after `limit`.
    package func first<Value: Sendable>(
        _ what: String, within limit: Duration, _ take: @escaping @Sendable (inout State) -> Value?
    ) async throws -> Value {
        let id = inner.withLock { inner in
            inner.lastWaiter += 1
            return inner.lastWaiter
        }
        let timer = Task { [weak self] in
            try await Task.sleep(for: limit)
            self?.expire(id)
        }
        defer { timer.cancel() }
        return try await withCheckedThrowingContinuation { continuation in
            inner.withLock { inner in
                if let value = take(&inner.state) { return continuation.resume(returning: value) }
                inner.waiters[id] = { state in
                    guard let value = take(&state) else { return false }
                    continuation.resume(returning: value)
                    return true
                }
                inner.onTimeout[id] = { continuation.resume(throwing: TestError("waited \(limit) for \(what)")) }
            }
        }
    }

    private func expire(_ id: Int) {
        let fail = inner.withLock { inner in
            inner.waiters[id] = nil
            return inner.onTimeout.removeValue(forKey: id)
        }
        fail?()
    }
}
