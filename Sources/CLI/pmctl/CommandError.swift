/// Why a command ends before its time.
enum CommandError: Error, Equatable {
    /// The system failed: one lower-case line that says what, and what to do where that is known.
    case failed(String)
    /// Ctrl-C.
    case interrupted
    /// Whoever read the output is gone, as in `pmctl watch | head -1`.
    case outputClosed

    static let usageExitCode: Int32 = 100

    /// Signals show as a shell shows them: 128 + the number.
    var exitCode: Int32 {
        switch self {
        case .failed: 111
        case .interrupted: 130
        case .outputClosed: 141
        }
    }

    /// What to say on stderr, if anything.
    var text: String? {
        if case .failed(let text) = self { text } else { nil }
    }
}
