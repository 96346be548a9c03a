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
        guard pm_pidfd_send_signal(pidfd.number, 0) == 0 || errno == EPERM else { return nil }
        return statistics
    }

    /// Whether a process is gone or a zombie.
    static func hasEnded(_ pid: Int32) -> Bool { read(pid)?.hasEnded ?? true }

    package init?(_ text: [UInt8]) {
        guard let fields = StatFields(text), let state = fields.state, let parent: Int32 = fields.number(4),
            let session: Int32 = fields.number(6), let threads: Int32 = fields.number(20),
            let startTime: UInt64 = fields.number(22)
        else { return nil }
        name = String(decoding: fields.name, as: UTF8.self)
        hasEnded = (state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")) && threads <= 1
        self.parent = parent
        self.session = session
        self.startTime = startTime
    }
}
