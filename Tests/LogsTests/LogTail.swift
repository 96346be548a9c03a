import LinuxSystem

@testable import Logs

/// Lines without what else is told of them.
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
