import Glibc
package import LinuxSystem

extension LogFiles {
    /// The last `count` lines, whatever files they are in; one without an end counts.
    ///
    /// - Parameter limit: bytes that the lines take at most as elements of an array in JSON. The newest one is cut at its
    ///   beginning when it alone takes more.
    package func lastLines(_ count: Int, limit: Int) throws(SystemError) -> LogTail {
        var tail = LogTail()
        // What an agent that was killed left half done would show up twice.
        try recover()
        // A byte takes one at least in JSON, so that more than the limit is never needed.
        var (bytes, isWhole) = try lastBytes(lines: count, limit: limit)
        guard count > 0, let last = bytes.last else { return tail }
        if last == UInt8(ascii: "\n") { bytes.removeLast() }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var room = limit
        for (number, line) in lines.enumerated().reversed().prefix(count) {
            let text = JSONText(line)
            guard text.cost <= room, number > 0 || isWhole else {
                tail.isTruncated = true
                if tail.lines.isEmpty { tail.lines.append(text.suffix(limit)) }
                break
            }
            room -= text.cost
            tail.lines.append(text.text)
        }
        tail.lines.reverse()
        return tail
    }

    /// - Returns: the last bytes, `limit` or so many that they hold `lines` whole lines, and whether these are all.
    private func lastBytes(lines: Int, limit: Int) throws(SystemError) -> (bytes: [UInt8], isWhole: Bool) {
        var blocks: [[UInt8]] = []
        var size = 0
        var newlines = 0
        for path in [current] + (0..<olderCount).map({ older($0 + 1) }) {
            guard FileSystem.kind(of: path) != nil else { continue }
            let file = try Descriptor.open(path, O_RDONLY)
            var end = try file.fileState().size
            while end > 0 {
                // One newline more than lines: the one before the first of them.
                guard size <= limit, newlines <= lines else { return (Array(blocks.reversed().joined()), false) }
                var block = [UInt8](repeating: 0, count: min(end, LogFile.block))
                end -= block.count
                block.removeLast(block.count - (try file.read(into: &block, at: end)))
                newlines += block.count { $0 == UInt8(ascii: "\n") }
                size += block.count
                blocks.append(block)
            }
        }
        return (Array(blocks.reversed().joined()), true)
    }
}
