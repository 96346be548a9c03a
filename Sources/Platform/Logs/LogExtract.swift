/// Lines read from the log of a stream.
package struct LogExtract: Equatable, Sendable {
    package struct Line: Equatable, Sendable {
        /// Without its newline. Invalid UTF-8 and NUL are replaced by U+FFFD (``LogText``).
        package let text: String
        /// When the line's end arrived, in microseconds since the epoch; nil if unknown.
        package let time: Int64?
        /// The position after the line.
        package let end: LogPosition
    }

    /// The oldest first.
    package internal(set) var lines: [Line] = []
    /// Whether older requested lines are missing for lack of room, or a line was cut.
    package internal(set) var isTruncated = false
    /// Whether more whole lines follow than there was room for.
    package internal(set) var hasMore = false
    /// Whether lines after the requested position were already removed.
    package internal(set) var hasGap = false
    /// The position before the first line; nil if nothing was ever written.
    package internal(set) var start: LogPosition?

    package init() {}

    /// The position after the last line.
    package var end: LogPosition? { lines.last?.end ?? start }
}

extension LogExtract {
    /// Orders the lines of both streams by arrival as far as times are known; the lines of one stream keep their order.
    /// If a stream has more lines, later lines of the other stream are left out, because those would be too early.
    ///
    /// - Returns: for each line, whether it is of the first stream.
    package static func merge(_ first: inout LogExtract, _ second: inout LogExtract) -> [Bool] {
        let firstKeys = first.keys, secondKeys = second.keys
        if first.hasMore, let bound = firstKeys.last { second.cut(secondKeys.prefix { $0 < bound }.count) }
        if second.hasMore, let bound = secondKeys.last { first.cut(firstKeys.prefix { $0 <= bound }.count) }
        var order: [Bool] = []
        var (left, right) = (0, 0)
        while left < first.lines.count || right < second.lines.count {
            let isFirst =
                right == second.lines.count
                || left < first.lines.count && firstKeys[left] <= secondKeys[right]
            order.append(isFirst)
            if isFirst { left += 1 } else { right += 1 }
        }
        return order
    }

    /// Sort keys: a line without a time gets the time of the previous one.
    private var keys: [Int64] {
        var latest = Int64.min
        return lines.map { line in
            latest = line.time ?? latest
            return latest
        }
    }

    /// Keeps only the first lines.
    package mutating func cut(_ count: Int) {
        guard count < lines.count else { return }
        lines.removeLast(lines.count - count)
        hasMore = true
    }

    /// Keeps only the last lines.
    package mutating func cutBeginning(_ count: Int) {
        guard count < lines.count else { return }
        start = lines[lines.count - count - 1].end
        lines.removeFirst(lines.count - count)
    }
}
