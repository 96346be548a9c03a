import LinuxSystem

@testable import Logs

/// The lines of an extract, without times and positions.
struct LogTail: Equatable {
    var lines: [String]
    var isTruncated: Bool
}

extension LogFiles {
    func lastLines(_ count: Int, limit: Int) throws -> LogTail {
        let extract = try lastLines(Reading(count: count, limit: limit))
        return LogTail(lines: extract.lines.map(\.text), isTruncated: extract.isTruncated)
    }
}
