import var Glibc.ENOENT
import var Glibc.O_CREAT
import var Glibc.O_NOCTTY
import var Glibc.O_RDWR
import LinuxSystem

/// The file that a stream is written to. It is not opened for appending, which splice(2) refuses, so the size is kept
/// here.
final class LogFile {
    /// Bytes to read or copy at a time.
    static let block = 64 * 1024

    let descriptor: Descriptor
    private(set) var size: Int
    private let files: LogFiles
    private let inode: UInt64
    /// Nil until bytes arrive, or if it can't be written.
    private var arrivals: ArrivalIndex?
    private var hasArrivals = false

    /// Opens or creates the file and its directory, after finishing an interrupted rotation.
    init(_ files: LogFiles) throws(SystemError) {
        try files.recover()
        self.files = files
        let flags = O_RDWR | O_CREAT | O_NOCTTY
        do {
            descriptor = try Descriptor.open(files.current, flags)
        } catch  where error.number == ENOENT {
            try FileSystem.makeDirectories(files.directory)
            descriptor = try Descriptor.open(files.current, flags)
        }
        let state = try descriptor.fileState()
        (size, inode) = (state.size, state.inode)
    }

    /// Records when the bytes from `offset` on arrived, in microseconds since the epoch.
    func noteArrival(from offset: Int, at time: Int64) {
        if !hasArrivals {
            hasArrivals = true
            arrivals = try? ArrivalIndex(
                of: files.current, inode: inode, size: offset, maximumSize: files.maximumSize)
        }
        arrivals?.note(offset, at: time)
    }

    /// Checks whether another program has shortened or removed the file.
    ///
    /// - Returns: false if it was removed.
    func refresh() -> Bool {
        guard let state = try? descriptor.fileState(), state.isLinked else { return false }
        // Times of removed bytes would be taken for those of new ones.
        if state.size < size { (arrivals, hasArrivals) = (nil, false) }
        size = state.size
        return true
    }

    /// Whether the last line is unfinished.
    func endsMidLine() -> Bool {
        guard size > 0 else { return false }
        var last: [UInt8] = [0]
        return (try? descriptor.read(into: &last, at: size - 1)) == 1 && last[0] != UInt8(ascii: "\n")
    }

    /// Reads back what was spliced, for a tap.
    func show(_ range: Range<Int>, to tap: LogWriter.Tap) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            var buffer = [UInt8](repeating: 0, count: min(range.upperBound - offset, Self.block))
            guard let count = try? descriptor.read(into: &buffer, at: offset), count > 0 else { return }
            tap(buffer[..<count])
            offset += count
        }
    }

    /// Moves bytes from a pipe; see ``Descriptor/splice(to:at:count:)``.
    func splice(from pipe: borrowing Descriptor, count: Int) throws(SystemError) -> Int? {
        let moved = try pipe.splice(to: descriptor, at: size, count: count)
        size += moved ?? 0
        return moved
    }

    /// Appends all bytes or none.
    func append(_ bytes: ArraySlice<UInt8>) throws(SystemError) {
        do { try descriptor.write(bytes, at: size) } catch {
            try? descriptor.truncate(to: size)
            throw error
        }
        size += bytes.count
    }
}
