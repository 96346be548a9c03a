import CLinux
import Glibc

/// What /proc/<pid>/stat says of a process (proc(5)), which everybody may read.
package struct ProcessStatistics: Equatable, Sendable {
    /// Its program's name, cut by the kernel.
    package let name: String
    /// Whether only its exit status is left. One whose first thread has ended while others live looks like that, too,
    /// but for their number.
    package let hasEnded: Bool
    package let parent: Int32
    package let session: Int32
    /// Clock ticks from the machine's boot to its start.
    package let startTime: UInt64

    /// Nil when there is no such process.
    package static func read(_ pid: Int32) -> ProcessStatistics? {
        guard let text = try? FileSystem.read("/proc/\(pid)/stat", limit: 4096) else { return nil }
        return ProcessStatistics(text)
    }

    /// - Parameter pidfd: of the process meant; nil is returned when the number was given to another by now.
    static func read(_ pid: Int32, heldBy pidfd: borrowing Descriptor) -> ProcessStatistics? {
        guard let statistics = read(pid) else { return nil }
        // Whom a pidfd names can be asked for as long as it has its number; so what was read before was of this one.
        guard pidfd_send_signal(pidfd.number, 0, nil, 0) == 0 || errno == EPERM else { return nil }
        return statistics
    }

    /// Whether a process is gone, or a zombie.
    static func hasEnded(_ pid: Int32) -> Bool { read(pid)?.hasEnded ?? true }

    /// Behind the program's name, which may hold blanks and parentheses, come the state (field 3) and numbers.
    package init?(_ text: [UInt8]) {
        guard let begin = text.firstIndex(of: UInt8(ascii: "(")), let end = text.lastIndex(of: UInt8(ascii: ")")),
            begin < end
        else { return nil }
        let fields = text[(end + 1)...].split(separator: UInt8(ascii: " "))
        func number<Number: FixedWidthInteger>(_ field: Int) -> Number? {
            Number(String(decoding: fields[field - 3], as: UTF8.self))
        }
        guard fields.count > 22 - 3, let state = fields[0].first, let parent: Int32 = number(4),
            let session: Int32 = number(6), let threads: Int32 = number(20), let startTime: UInt64 = number(22)
        else { return nil }
        name = String(decoding: text[(begin + 1)..<end], as: UTF8.self)
        hasEnded = (state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")) && threads <= 1
        self.parent = parent
        self.session = session
        self.startTime = startTime
    }
}
