import var Glibc.O_RDONLY
import LinuxSystem

/// When the bytes in a range of a log file arrived, as far as known.
struct ArrivalTimes {
    private var entries: [ArrivalEntry] = []

    /// - Parameters:
    ///   - logs: paths of log files that the index may be beside.
    ///   - inode: of the log file.
    init(beside logs: [String], inode: UInt64, range: Range<Int>) {
        for log in logs {
            guard let file = try? Descriptor.open(ArrivalIndex.path(of: log), O_RDONLY),
                let count = Self.count(in: file, inode: inode)
            else { continue }
            read(file, count, range)
            return
        }
    }

    /// When the byte at an offset arrived, in microseconds since the epoch; nil if unknown.
    func time(at offset: Int) -> Int64? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].offset <= offset { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? entries[low - 1].time : nil
    }

    private mutating func read(_ file: borrowing Descriptor, _ count: Int, _ range: Range<Int>) {
        // Finds the last entry that begins at the range or before it.
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            guard let entry = Self.entry(middle, in: file) else { return }
            if entry.offset <= range.lowerBound { low = middle + 1 } else { high = middle }
        }
        var next = max(0, low - 1)
        while next < count {
            let some = min(count - next, LogFile.block / ArrivalIndex.entrySize)
            var bytes = [UInt8](repeating: 0, count: some * ArrivalIndex.entrySize)
            let read = (try? file.read(into: &bytes, at: (next + 1) * ArrivalIndex.entrySize)) ?? 0
            for index in 0..<read / ArrivalIndex.entrySize {
                let entry = Self.entry(bytes, index * ArrivalIndex.entrySize)
                if entry.offset >= range.upperBound { return }
                entries.append(entry)
            }
            guard read == bytes.count else { return }
            next += some
        }
    }

    /// - Returns: the number of entries in an index; nil if it is not of the log file with this inode.
    static func count(in file: borrowing Descriptor, inode: UInt64) -> Int? {
        var beginning = [UInt8](repeating: 0, count: ArrivalIndex.entrySize)
        guard (try? file.read(into: &beginning, at: 0)) == beginning.count, number(beginning, 0) == ArrivalIndex.magic,
            number(beginning, 8) == inode, let size = try? file.fileState().size
        else { return nil }
        return size / ArrivalIndex.entrySize - 1
    }

    static func entry(_ index: Int, in file: borrowing Descriptor) -> ArrivalEntry? {
        var bytes = [UInt8](repeating: 0, count: ArrivalIndex.entrySize)
        guard (try? file.read(into: &bytes, at: (index + 1) * ArrivalIndex.entrySize)) == bytes.count else {
            return nil
        }
        return entry(bytes, 0)
    }

    private static func entry(_ bytes: [UInt8], _ start: Int) -> ArrivalEntry {
        ArrivalEntry(offset: Int(clamping: number(bytes, start)), time: Int64(bitPattern: number(bytes, start + 8)))
    }

    private static func number(_ bytes: [UInt8], _ start: Int) -> UInt64 {
        bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
