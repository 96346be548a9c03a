import Foundation

/// Runs code that blocks in a thread of its own. Tasks share as many threads as there are processors: on a host with
/// two, two blocked tasks would stop all others.
package func offPool<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
}
