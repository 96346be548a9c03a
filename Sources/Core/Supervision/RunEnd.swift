package import Model

/// How a run came to an end that nobody had asked for.
package enum RunEnd: Equatable, Sendable {
    /// Nil: nobody saw it.
    case exited(ExitStatus?)
    case spawnFailed(reason: String)
    /// Seconds.
    case notReady(within: Double)
    /// What its health check says.
    case unhealthy(reason: String)

    /// Whether `on_failure` restarts after it.
    package var isFailure: Bool { self != .exited(.exited(code: 0)) }

    /// As much of it as the machine knows.
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
    /// Without the `.0` of a whole number.
    var inWords: String { Int(exactly: self).map { "\($0)" } ?? "\(self)" }
}
