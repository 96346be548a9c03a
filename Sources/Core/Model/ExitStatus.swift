/// How a process ended.
package enum ExitStatus: Hashable, Sendable {
    case exited(code: Int32)
    case signaled(Int32)

    /// The code that a shell would show: the exit code, or 128 + the signal number.
    package var exitCode: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }

    package var signal: Int32? {
        switch self {
        case .exited: nil
        case .signaled(let signal): signal
        }
    }
}
