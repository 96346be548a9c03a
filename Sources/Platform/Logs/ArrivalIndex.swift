import var Glibc.O_CREAT
import var Glibc.O_NOCTTY
import var Glibc.O_RDWR
import LinuxSystem
import Model

/// Records when the bytes of a log file arrived, in a file beside it: `<file>.times`.
///
/// The file consists of little-endian 64-bit numbers: first a magic number and the inode of the log file, then for each
/// entry the offset of the first byte of one drain, and the time. A missing or torn entry loses a time, but never a
/// line. So does an index of another file, as after an interrupted rotation.
final class ArrivalIndex {
    private let file: Descriptor
    private var count: Int
    private var last: ArrivalEntry?
    private let most: Int

    static func path(of log: String) -> String { "\(log).times" }

    static let magic: UInt64 = 0x31_73_65_6D_69_74_6D_70  // "pmtimes1"
    /// Bytes of the header and of an entry.
    static let entrySize = 16

    /// - Parameters:
    ///   - log: the path of the log file.
    ///   - inode: of the log file.
    ///   - size: of the log file. Entries beyond it belong to another file.
    ///   - maximumSize: of the log file. The index may become as large, and holds at least 4,096 entries; beyond that,
    ///     times are recorded only every 4 KiB.
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

    /// Records that the bytes from `offset` on arrived at `time`, in microseconds since the epoch.
    func note(_ offset: Int, at time: Int64) {
        if let last, offset < last.offset + (count < most ? 1 : Limits.logArrivalStep) { return }
        if let last, offset >= last.offset + Limits.pipe, (0..<Limits.logArrivalPause).contains(time - last.time) {
            return
        }
        let entry = Self.bytes(UInt64(offset), UInt64(bitPattern: time))
        // A write error loses only a time.
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
