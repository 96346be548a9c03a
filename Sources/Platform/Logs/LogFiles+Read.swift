import var Glibc.O_RDONLY
package import LinuxSystem

/// Reading a log back from all of its files.
///
/// The agent reads either the last lines, or the lines after a position that an earlier answer gave. Both first finish
/// an interrupted rotation, and bound their result by a number of lines and by bytes of JSON.
extension LogFiles {
    /// What to read.
    package struct Reading: Sendable {
        /// Maximum number of lines.
        package var count: Int
        /// Maximum bytes of the lines as elements of a JSON array.
        package var limit: Int
        /// Bytes that each line takes there in addition to its text.
        package var frame = 0
        /// Whether to leave out a last line without an end, because more of it may follow.
        package var isWhole = false
        /// Seconds since the epoch: leave out lines that arrived earlier.
        package var since: Double?

        package init(count: Int, limit: Int) {
            self.count = count
            self.limit = limit
        }
    }

    /// Reads the last lines. If the newest one alone does not fit, its beginning is cut off.
    package func lastLines(_ reading: Reading) throws(SystemError) -> LogExtract {
        var extract = LogExtract()
        // An interrupted rotation would show lines twice.
        try recover()
        // A byte takes at least one byte in JSON, so `limit` bytes are enough.
        let (pieces, isAll) = try lastPieces(lines: reading.count, limit: reading.limit)
        let bytes = pieces.bytes
        var end = bytes.count
        if reading.isWhole { end = bytes.lastIndex(of: Self.newline).map { $0 + 1 } ?? 0 }
        extract.start = pieces.position(at: end)
        var room = reading.limit
        while end > 0, extract.lines.count < reading.count {
            let textEnd = bytes[end - 1] == Self.newline ? end - 1 : end
            let newline = bytes[..<textEnd].lastIndex(of: Self.newline)
            if let since = reading.since, !pieces.isSince(since, at: end - 1) { break }
            let begin = newline.map { $0 + 1 } ?? 0
            let text = JSONText(bytes[begin..<textEnd])
            guard let position = pieces.position(at: end), let start = pieces.position(at: begin) else { break }
            let fits = text.cost + reading.frame <= room && (newline != nil || isAll)
            if !fits {
                extract.isTruncated = true
                guard extract.lines.isEmpty else { break }
            }
            room -= text.cost + reading.frame
            extract.start = start
            extract.lines.append(
                .init(
                    text: fits ? text.text : text.suffix(reading.limit - reading.frame),
                    time: pieces.time(at: end - 1), end: position))
            if !fits { break }
            end = begin
        }
        extract.lines.reverse()
        return extract
    }

    /// Reads the first lines after a position; nil: the beginning. A line that does not fit is returned in parts.
    package func lines(after position: LogPosition?, _ reading: Reading) throws(SystemError) -> LogExtract {
        try recover()
        var extract = LogExtract()
        let (pieces, isAll, hasGap) = try nextPieces(after: position, limit: reading.limit)
        extract.hasGap = hasGap
        extract.start = pieces.position(at: 0)
        let bytes = pieces.bytes
        // A part of so many bytes fits, whatever they are.
        let part = max(1, (reading.limit - reading.frame) / 6 - 1)
        var (begin, room) = (0, reading.limit)
        while begin < bytes.count {
            var textEnd = bytes.count
            var end = textEnd
            if let newline = bytes[begin...].firstIndex(of: Self.newline) {
                (textEnd, end) = (newline, newline + 1)
            } else if isAll, reading.isWhole {
                break
            }
            var text = JSONText(bytes[begin..<textEnd])
            let isPart = extract.lines.isEmpty && (text.cost + reading.frame > room || end == textEnd && !isAll)
            if isPart {
                (textEnd, end) = (min(textEnd, begin + part), min(textEnd, begin + part))
                text = JSONText(bytes[begin..<textEnd])
            }
            guard text.cost + reading.frame <= room, isPart || end > textEnd || isAll,
                extract.lines.count < reading.count, let position = pieces.position(at: end)
            else {
                extract.hasMore = true
                break
            }
            room -= text.cost + reading.frame
            extract.lines.append(.init(text: text.text, time: pieces.time(at: end - 1), end: position))
            begin = end
            if isPart {
                extract.hasMore = true
                break
            }
        }
        if !isAll { extract.hasMore = true }
        return extract
    }

    private static let newline = UInt8(ascii: "\n")

    /// 0 is the current file; higher numbers are older.
    private func path(_ number: Int) -> String { number == 0 ? current : older(number) }

    /// An index is renamed after its file, so it may still have the earlier name.
    private func piece(
        _ number: Int, _ state: Descriptor.FileState, _ identity: LogPosition.FileIdentity, _ range: Range<Int>,
        start: Int
    ) -> LogPieces.Piece {
        let places = [number, number - 1].filter { $0 >= 0 }.map(path)
        return LogPieces.Piece(
            file: identity, offset: range.lowerBound, start: start,
            times: ArrivalTimes(beside: places, inode: state.inode, range: range), modifiedAt: state.modifiedAt)
    }

    private func identity(
        of file: borrowing Descriptor, _ state: Descriptor.FileState
    ) -> LogPosition.FileIdentity { .init(inode: state.inode, bornAt: file.bornAt) }

    /// - Returns: the last bytes, enough for `limit` bytes or `lines` whole lines, and whether they are the whole log.
    private func lastPieces(lines: Int, limit: Int) throws(SystemError) -> (LogPieces, isAll: Bool) {
        var found: [(number: Int, LogPosition.FileIdentity, Descriptor.FileState, begin: Int, bytes: [UInt8])] = []
        var (size, newlines) = (0, 0)
        var isAll = true
        search: for number in 0...olderCount {
            guard FileSystem.kind(of: path(number)) != nil else { continue }
            let file = try Descriptor.open(path(number), O_RDONLY)
            let state = try file.fileState()
            var blocks: [[UInt8]] = []
            var end = state.size
            while end > 0 {
                // One more newline than lines: the one before the first line.
                guard size <= limit, newlines <= lines else {
                    isAll = false
                    break
                }
                var block = [UInt8](repeating: 0, count: min(end, LogFile.block))
                end -= block.count
                block.removeLast(block.count - (try file.read(into: &block, at: end)))
                newlines += block.count { $0 == Self.newline }
                size += block.count
                blocks.append(block)
            }
            found.append((number, identity(of: file, state), state, end, Array(blocks.reversed().joined())))
            if !isAll { break search }
        }
        var pieces = LogPieces()
        for (number, identity, state, begin, bytes) in found.reversed() {
            let range = begin..<begin + bytes.count
            pieces.append(bytes, piece(number, state, identity, range, start: pieces.bytes.count))
        }
        return (pieces, isAll)
    }

    /// - Returns: at most `limit` bytes after a position, whether they are all, and whether the position was already
    ///   removed.
    private func nextPieces(
        after position: LogPosition?, limit: Int
    ) throws(SystemError) -> (LogPieces, isAll: Bool, hasGap: Bool) {
        var found: [(number: Int, LogPosition.FileIdentity, Descriptor.FileState)] = []
        var isFound = false
        for number in 0...olderCount {
            guard FileSystem.kind(of: path(number)) != nil else { continue }
            let file = try Descriptor.open(path(number), O_RDONLY)
            let state = try file.fileState()
            let identity = identity(of: file, state)
            found.append((number, identity, state))
            isFound = identity == position?.file
            if isFound { break }
        }
        var pieces = LogPieces()
        var skipped = isFound ? position?.offset ?? 0 : 0
        var mayEndLine = isFound
        for (number, identity, state) in found.reversed() {
            let room = limit - pieces.bytes.count
            guard room > 0 else { return (pieces, false, position != nil && !isFound) }
            var begin = min(skipped, state.size)
            // Since a rotation, an unfinished line of this file is in the next one.
            skipped -= begin
            let file = try Descriptor.open(path(number), O_RDONLY)
            // Skips the newline of a line that was returned before it had one.
            if mayEndLine, begin > 0, begin < state.size,
                try file.bytes(at: begin - 1, 2).map({ $0 == Self.newline })
                    == [false, true]
            {
                begin += 1
            }
            mayEndLine = mayEndLine && begin == state.size
            let bytes = try file.bytes(at: begin, min(room, state.size - begin))
            pieces.append(
                bytes, piece(number, state, identity, begin..<begin + bytes.count, start: pieces.bytes.count))
            if begin + bytes.count < state.size { return (pieces, false, position != nil && !isFound) }
        }
        return (pieces, true, position != nil && !isFound)
    }
}

extension Descriptor {
    /// Reads up to `count` bytes, fewer at the end of the file.
    fileprivate borrowing func bytes(at offset: Int, _ count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.removeLast(count - (try read(into: &bytes, at: offset)))
        return bytes
    }
}
