import Foundation

/// Does what blocks, on a thread of its own: all tasks share as few threads as there are processors, and with two that
/// wait for something, none goes on.
package func offPool<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
}
