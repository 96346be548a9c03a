/// Why a command failed or was cut short.
enum CommandError: Error, Equatable {
    /// A failure at run time. The text is one lower-case line: what failed and, if known, what to do about it.
    case failed(String, ExitReason = .failure)
    /// A failure that the output tells already.
    case told(ExitReason)
    /// Ctrl-C.
    case interrupted
    /// The reader of standard output has closed it, as in `pmctl watch | head -1`.
    case outputClosed

    static let usageExitCode: Int32 = 100

    /// For a signal, 128 + its number, as a shell reports it.
    var exitCode: Int32 {
        switch self {
        case .failed(_, let reason), .told(let reason): reason.rawValue
        case .interrupted: 130
        case .outputClosed: 141
        }
    }

    /// The message for stderr; nil if there is none.
    var text: String? {
        if case .failed(let text, _) = self { text } else { nil }
    }

    /// Throws if there are failures: it tells them on stderr.
    ///
    /// - Parameter isPartly: whether something else succeeded.
    static func tell(_ failures: [CommandError], isPartly: Bool) throws(CommandError) {
        guard let worst = ExitReason.worst(failures.compactMap(\.reason)) else { return }
        for text in failures.compactMap(\.text) { Output.complain("pmctl: \(Printable.line(text))") }
        throw .told(isPartly ? .partly : worst)
    }

    /// Nil if the command did not fail, but was cut short.
    var reason: ExitReason? {
        switch self {
        case .failed(_, let reason), .told(let reason): reason
        case .interrupted, .outputClosed: nil
        }
    }
}
