import CLinux
import Glibc

/// What all processes of one start carry: a resource limit without effect, that is inherited over fork and exec, and that
/// prlimit(2) tells.
package struct Mark: Hashable, Sendable {
    /// ``SpawnOptions/launch`` of the start.
    package let launch: UInt64

    package init(launch: UInt64) { self.launch = launch }

    /// The highest launch that this program can mark processes with; nil when it has a low limit itself, and not the right
    /// to raise it.
    package static var highestLaunch: UInt64? {
        let highest = pm_highest_mark()
        return highest == .max ? nil : highest
    }

    /// The process ids that carry each of `marks`; zombies don't count. One look at /proc serves any number of marks.
    package static func members(of marks: Set<Mark>) -> [Mark: Set<Int32>] {
        var members: [Mark: Set<Int32>] = [:]
        if marks.isEmpty { return members }
        FileSystem.forEachEntry(in: "/proc") { name, _ in
            guard let pid = Int32(decimal: name) else { return }
            if let mark = Mark(of: pid), marks.contains(mark), !ProcessStatistics.hasEnded(pid) {
                members[mark, default: []].insert(pid)
            }
        }
        return members
    }

    package func members() -> Set<Int32> { Self.members(of: [self])[self] ?? [] }

    /// That of a process; nil when it has none, or when it can't be known.
    package init?(of pid: Int32) {
        let launch = pm_marked_launch(pid)
        if launch != .max {
            self.init(launch: launch)
        } else if errno == EPERM {
            // A setuid program, or another user's process. The file is for everybody to read, and slower.
            guard let text = try? FileSystem.read("/proc/\(pid)/limits", limit: 1 << 16) else { return nil }
            self.init(limits: text)
        } else {
            return nil
        }
    }

    /// From the file `limits` of a process (proc(5)): a name, soft, hard, unit.
    package init?(limits: [UInt8]) {
        // The second is the mark of pmqtt 0.2.0.
        for name in ["Max file locks ", "Max realtime timeout "] {
            let line = limits.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: name.utf8) }
            let numbers = line?.dropFirst(name.utf8.count).split(separator: UInt8(ascii: " ")) ?? []
            guard numbers.count > 1, let limit = UInt64(String(decoding: numbers[1], as: UTF8.self)),
                limit >= Self.base, limit < 2 * Self.base
            else { continue }
            self.init(launch: limit - Self.base)
            return
        }
        return nil
    }

    /// PM_MARK_BASE
    private static let base = UInt64(1) << 62
}
