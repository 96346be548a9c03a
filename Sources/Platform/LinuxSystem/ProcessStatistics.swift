import CLinux
import Glibc

/// A process's /proc/<pid>/stat (proc_pid_stat(5)), which every user may read.
package struct ProcessStatistics: Equatable, Sendable {
    /// The program's name, truncated by the kernel.
    package let name: String
    /// Whether the process is a zombie. A process that has lost its first thread while others run looks alike, except
    /// for its number of threads.
    package let hasEnded: Bool
    package let parent: Int32
    package let session: Int32
    /// Clock ticks from boot to the process's start.
    package let startTime: UInt64

    /// Nil if there is no such process.
    package static func read(_ pid: Int32) -> ProcessStatistics? {
        guard let text = try? FileSystem.read("/proc/\(pid)/stat", limit: 4096) else { return nil }
        return ProcessStatistics(text)
    }

    /// - Parameter pidfd: of the process meant. Returns nil if the number belongs to another process by now.
    static func read(_ pid: Int32, heldBy pidfd: borrowing Descriptor) -> ProcessStatistics? {
        guard let statistics = read(pid) else { return nil }
        // A signal can be sent by pidfd only while the process has its number, so what was read before was about this
        // process.
        guard pidfd_send_signal(pidfd.number, 0, nil, 0) == 0 || errno == EPERM else { return nil }
        return statistics
    }

    /// Whether a process is gone or a zombie.
    static func hasEnded(_ pid: Int32) -> Bool { read(pid)?.hasEnded ?? true }

    /// The program's name may contain blanks and parentheses. The state (field 3) and numbers follow it.
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
