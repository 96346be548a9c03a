/// The importance of a line in a daemon's log, as in syslog(3).
package enum LogLevel: Int, Comparable, Sendable, CaseIterable {
    case error = 3
    case warning = 4
    case info = 6
    case debug = 7

    package var name: String { "\(self)" }

    package init?(name: String) {
        guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    /// The more important one is less.
    package static func < (one: LogLevel, other: LogLevel) -> Bool { one.rawValue < other.rawValue }
}
