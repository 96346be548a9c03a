import Glibc

/// The width and the colours of the output.
struct Terminal: Equatable {
    /// In columns; nil if the output is not a terminal, so nothing is cut.
    let width: Int?
    let hasColor: Bool

    static let plain = Terminal(width: nil, hasColor: false)

    /// Whether a person reads the output, not a program.
    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    static var standardOutput: Terminal {
        guard isatty(STDOUT_FILENO) == 1 else { return .plain }
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return Terminal(width: isKnown ? Int(size.ws_col) : nil, hasColor: wantsColor)
    }

    /// See no-color.org.
    private static var wantsColor: Bool {
        let noColor = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? false
        return !noColor && !isDumb
    }

    func paint(_ text: String, _ color: Color?) -> String {
        guard hasColor, let color else { return text }
        return color.paint(text)
    }
}
