import LinuxSystem

/// The width and the colours of the output.
struct Terminal: Equatable {
    /// In columns; nil if the output is not a terminal, so nothing is cut.
    let width: Int?
    let hasColor: Bool

    static let plain = Terminal(width: nil, hasColor: false)

    /// Whether a person reads the output, not a program.
    static var isInteractive: Bool { StandardStreams.isTerminal(1) && StandardStreams.isTerminal(2) }

    static var standardOutput: Terminal {
        guard StandardStreams.isTerminal(1) else { return .plain }
        return Terminal(width: StandardStreams.columns, hasColor: wantsColor)
    }

    /// Standard output, with its colours, but without its width.
    static var uncut: Terminal { Terminal(width: nil, hasColor: standardOutput.hasColor) }

    /// See no-color.org.
    private static var wantsColor: Bool {
        (Environment.value("NO_COLOR") ?? "").isEmpty && Environment.value("TERM") != "dumb"
    }

    func paint(_ text: String, _ color: Color?) -> String {
        guard hasColor, let color else { return text }
        return color.paint(text)
    }
}
