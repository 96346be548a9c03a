package import Model

/// How a run ended, or why it must end, without a request.
package enum RunEnd: Equatable, Sendable {
    /// Nil when the exit status is unknown.
    case exited(ExitStatus?)
    case spawnFailed(reason: String)
    /// Timeout in seconds.
    case notReady(within: Double)
    /// The health check failed too often.
    case unhealthy(reason: String)

    /// Whether the policy `on_failure` restarts after it.
    package var isFailure: Bool { self != .exited(.exited(code: 0)) }

    /// The part of it that the lifecycle knows.
    package enum Kind: Hashable, Sendable, CaseIterable {
        case exited, spawnFailed, notReady, unhealthy
    }
}

extension RunEnd: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exited(.exited(let code)): "exit code \(code)"
        case .exited(.signaled(let signal)): "signal \(signal)"
        case .exited(nil): "unknown exit status"
        case .spawnFailed(let reason): reason
        case .notReady(let seconds): "not ready within \(seconds.inWords) s"
        case .unhealthy(let reason): "unhealthy: \(reason)"
        }
    }
}

extension Double {
    /// The number, without `.0` if it is whole.
    var inWords: String { Int(exactly: self).map { "\($0)" } ?? "\(self)" }
}
