import CLinux
import Glibc

/// What /proc/<pid>/stat says of a process (proc(5)).
struct ProcessStatistics: Equatable {
    /// Whether only its exit status is left.
    let hasEnded: Bool
    let parent: Int32
    /// Clock ticks from the machine's boot to its start.
    let startTime: UInt64

    /// - Parameter pidfd: of the process meant; nil is returned when the number was given to another by now.
    static func read(_ pid: Int32, heldBy pidfd: borrowing Descriptor) -> ProcessStatistics? {
        guard let text = try? FileSystem.read("/proc/\(pid)/stat", limit: 4096) else { return nil }
        // Whom a pidfd names can be asked for as long as it has its number; so what was read before was of this one.
        guard pidfd_send_signal(pidfd.number, 0, nil, 0) == 0 || errno == EPERM else { return nil }
        return ProcessStatistics(text)
    }

    /// Whether a process is gone, or a zombie.
    static func hasEnded(_ pid: Int32) -> Bool {
        guard let text = try? FileSystem.read("/proc/\(pid)/stat", limit: 4096) else { return true }
        return ProcessStatistics(text)?.hasEnded ?? true
    }

    /// Behind the program's name, which may hold blanks and parentheses, come the state (field 3) and numbers.
    init?(_ text: [UInt8]) {
        guard let end = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = text[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 22 - 3, let state = fields[0].first,
            let parent = Int32(String(decoding: fields[4 - 3], as: UTF8.self)),
            let startTime = UInt64(String(decoding: fields[22 - 3], as: UTF8.self))
        else { return nil }
        hasEnded = state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")
        self.parent = parent
        self.startTime = startTime
    }
}
