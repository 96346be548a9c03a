/// Lines of a stream.
package struct LogExtract: Equatable, Sendable {
    package struct Line: Equatable, Sendable {
        /// Without its newline. Invalid UTF-8 and NUL, which no string of ours in JSON may hold, are U+FFFD.
        package let text: String
        /// When its end came, in microseconds since the epoch; nil when that is not known.
        package let time: Int64?
        /// Behind it.
        package let end: LogPosition
    }

    /// The oldest first.
    package internal(set) var lines: [Line] = []
    /// Whether older ones of the wanted lines are missing for want of room, or one was cut.
    package internal(set) var isTruncated = false
    /// Whether more whole lines follow than there was room for.
    package internal(set) var hasMore = false
    /// Whether what followed the wanted place is there no more.
    package internal(set) var hasGap = false
    /// Where the lines begin; nil when nothing was ever written.
    package internal(set) var start: LogPosition?

    package init() {}

    /// Behind all that is here.
    package var end: LogPosition? { lines.last?.end ?? start }
}

extension LogExtract {
    /// The lines of both streams in the order in which they came, as far as times tell; those of a stream stay in theirs.
    /// What comes behind the last line of one that has more is left out: it would be too early.
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

    /// A line whose time is not known comes with the one before it.
    private var keys: [Int64] {
        var latest = Int64.min
        return lines.map { line in
            latest = line.time ?? latest
            return latest
        }
    }

    /// Leaves out all but the first lines.
    package mutating func cut(_ count: Int) {
        guard count < lines.count else { return }
        lines.removeLast(lines.count - count)
        hasMore = true
    }

    /// Leaves out all but the last lines.
    package mutating func cutBeginning(_ count: Int) {
        guard count < lines.count else { return }
        start = lines[lines.count - count - 1].end
        lines.removeFirst(lines.count - count)
    }
}
