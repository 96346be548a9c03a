import Glibc
import LinuxSystem
import Model

/// When the bytes of a log file came, in a file beside it: `<file>.times`.
///
/// It begins with a word that tells it and the inode of the log file; entries follow, each the offset of the first byte of
/// what was taken out of the pipe at once, and the time. All of them are little-endian numbers of 64 bits. An entry that is
/// missing or torn costs a time and never a line; so does an index that is another file's, as after a rotation that broke off.
final class ArrivalIndex {
    private let file: Descriptor
    private var count: Int
    private var last: ArrivalEntry?
    private let most: Int

    static func path(of log: String) -> String { "\(log).times" }

    static let magic: UInt64 = 0x31_73_65_6D_69_74_6D_70  // "pmtimes1"
    /// Of the beginning and of an entry.
    static let entrySize = 16

    /// - Parameters:
    ///   - log: the path of the log file.
    ///   - inode: of the log file.
    ///   - size: of the log file; what an index says of bytes behind that is another's.
    ///   - maximumSize: that of the log file. An index has as many entries as make it as large, and 4,096 at least; what
    ///     comes after that is told to 4 KiB.
    init(of log: String, inode: UInt64, size: Int, maximumSize: Int) throws(SystemError) {
        file = try Descriptor.open(Self.path(of: log), O_RDWR | O_CREAT | O_NOCTTY)
        most = max(Limits.leastLogArrivals, maximumSize / Self.entrySize)
        count = 0
        if size > 0, let found = ArrivalTimes.count(in: file, inode: inode) {
            count = found
            last = found > 0 ? ArrivalTimes.entry(found - 1, in: file) : nil
        }
        guard count == 0 || last?.offset ?? .max > size else { return }
        try file.truncate(to: 0)
        (count, last) = (0, nil)
        try file.write(Self.bytes(Self.magic, inode)[...], at: 0)
    }

    /// What comes from `offset` on came at `time`, in microseconds since the epoch.
    func note(_ offset: Int, at time: Int64) {
        if let last, offset < last.offset + (count < most ? 1 : Limits.logArrivalStep) { return }
        if let last, offset >= last.offset + Limits.pipe, (0..<Limits.logArrivalPause).contains(time - last.time) {
            return
        }
        let entry = Self.bytes(UInt64(offset), UInt64(bitPattern: time))
        // A full disk costs a time.
        guard (try? file.write(entry[...], at: (count + 1) * Self.entrySize)) != nil else { return }
        count += 1
        last = ArrivalEntry(offset: offset, time: time)
    }

    private static func bytes(_ first: UInt64, _ second: UInt64) -> [UInt8] {
        withUnsafeBytes(of: first.littleEndian, Array.init) + withUnsafeBytes(of: second.littleEndian, Array.init)
    }
}

struct ArrivalEntry: Equatable {
    let offset: Int
    /// Microseconds since the epoch.
    let time: Int64
}
