/// Why a command failed or was cut short.
enum CommandError: Error, Equatable {
    /// A failure at run time. The text is one lower-case line: what failed and, if known, what to do about it.
    case failed(String)
    /// Ctrl-C.
    case interrupted
    /// The reader of standard output has closed it, as in `pmctl watch | head -1`.
    case outputClosed

    static let usageExitCode: Int32 = 100

    /// For a signal, 128 + its number, as a shell reports it.
    var exitCode: Int32 {
        switch self {
        case .failed: 111
        case .interrupted: 130
        case .outputClosed: 141
        }
    }

    /// The message for stderr; nil if there is none.
    var text: String? {
        if case .failed(let text) = self { text } else { nil }
    }
}
