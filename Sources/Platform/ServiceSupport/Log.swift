import LinuxSystem
package import Model

/// A daemon's own log on stderr, one line for each event.
///
/// Under systemd, each line begins with its level for the journal (sd-daemon(3)), which adds the time. Under an agent,
/// which keeps the time of each line, it has the program's name only. Elsewhere it has time, level and name.
package enum Log {
    private enum Style { case journal, managed, plain }

    private static let style: Style =
        LogStreams.isJournal ? .journal : Mark(of: Program.pid) == nil ? .plain : .managed

    /// Less important lines are left out. Set by the thread of the loop, before other threads begin and at a SIGHUP.
    package nonisolated(unsafe) static var level = LogLevel.info

    package static func note(_ text: @autoclosure () -> String, _ level: LogLevel = .info) {
        guard level <= self.level else { return }
        write(text(), after: prefix(level))
    }

    private static func write(_ text: String, after prefix: String) {
        FileSystem.write("\(prefix)\(text.inOneLine)\n", to: 2)
    }

    private static func prefix(_ level: LogLevel) -> String {
        switch style {
        case .journal: "<\(level.rawValue)>"
        case .managed: "\(Program.name): "
        case .plain: "\(LocalTime.text(of: WallClock.now)) \(level.name) \(Program.name): "
        }
    }

    /// Notes why the program can't begin: its command line or its configuration is wrong. Without the time, for people at
    /// a terminal.
    ///
    /// - Returns: its exit code.
    package static func usageError(_ reason: String) -> Int32 {
        if style == .journal { note(reason, .error) } else { write(reason, after: "\(Program.name): ") }
        return 100
    }

    /// Notes why the program ends.
    ///
    /// - Returns: its exit code.
    package static func fail(_ code: Int32, _ reason: String) -> Int32 {
        note(reason, .error)
        return code
    }
}
