import JSONCodec

/// One result of `pmctl doctor`.
struct Finding: Equatable {
    enum Level: String {
        case ok, note, warning, error

        var color: Color? {
            switch self {
            case .ok: .green
            case .note: .faint
            case .warning: .yellow
            case .error: .red
            }
        }
    }

    let level: Level
    /// What was looked at, in a word.
    let subject: String
    let message: String
    /// What to do about it.
    var advice: String?

    static func ok(_ subject: String, _ message: String) -> Finding {
        Finding(level: .ok, subject: subject, message: message)
    }

    static func note(_ subject: String, _ message: String, _ advice: String? = nil) -> Finding {
        Finding(level: .note, subject: subject, message: message, advice: advice)
    }

    static func warning(_ subject: String, _ message: String, _ advice: String) -> Finding {
        Finding(level: .warning, subject: subject, message: message, advice: advice)
    }

    static func error(_ subject: String, _ message: String, _ advice: String) -> Finding {
        Finding(level: .error, subject: subject, message: message, advice: advice)
    }

    /// One or two lines.
    func lines(for terminal: Terminal) -> [String] {
        let word = level.rawValue + String(repeating: " ", count: 7 - level.rawValue.utf8.count)
        let space = String(repeating: " ", count: max(0, 8 - subject.utf8.count))
        let first = "\(terminal.paint(word, level.color))  \(subject)\(space)  \(Printable.line(message))"
        guard let advice else { return [first] }
        return [first, "\(String(repeating: " ", count: 19))\(terminal.paint("→ \(Printable.line(advice))", .faint))"]
    }

    var json: JSON {
        let json: JSON = [
            "level": .string(level.rawValue), "check": .string(subject), "message": .string(message),
        ]
        return advice.map { json.setting("advice", .string($0)) } ?? json
    }
}
