import CLinux
import Glibc

/// The mark of one launch: a resource limit that has no effect, is inherited over fork and exec, and can be read by
/// prlimit(2).
package struct Mark: Hashable, Sendable {
    /// The launch number (``SpawnOptions/launch``).
    package let launch: UInt64

    package init(launch: UInt64) { self.launch = launch }

    /// The highest launch number that this program can mark processes with. Nil if its own limit is too low and it may
    /// not raise it.
    package static var highestLaunch: UInt64? {
        let highest = pm_highest_mark()
        return highest == .max ? nil : highest
    }

    /// The process ids that carry each of `marks`, without zombies. Reads /proc once for any number of marks.
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

    /// Whether processes live that carry another mark than those of `launches`, and are no descendants of a keeper.
    ///
    /// They are what an agent has left whose keeper has died: this agent, or another one of this host.
    package static func areLeft(besides launches: Set<UInt64>) -> Bool {
        var processes: [Int32: ProcessStatistics] = [:]
        ProcessStatistics.forEach { processes[$0] = $1 }
        func hasKeeper(_ pid: Int32) -> Bool {
            var (next, steps) = (pid, 0)
            while let process = processes[next], steps < Descent.depth {
                if process.name == "pm-keeper" { return true }
                (next, steps) = (process.parent, steps + 1)
            }
            return false
        }
        return processes.keys.contains { pid in
            guard let mark = Mark(of: pid), !launches.contains(mark.launch) else { return false }
            return !hasKeeper(pid)
        }
    }

    package func members() -> Set<Int32> { Self.members(of: [self])[self] ?? [] }

    /// The mark of a process; nil if it has none or it can't be read.
    package init?(of pid: Int32) {
        let launch = pm_marked_launch(pid)
        if launch != .max {
            self.init(launch: launch)
        } else if errno == EPERM {
            // A setuid program, or another user's process. Every user may read this file, but it is slower.
            guard let text = try? FileSystem.read("/proc/\(pid)/limits", limit: 1 << 16) else { return nil }
            self.init(limits: text)
        } else {
            return nil
        }
    }

    /// Parses a process's file `limits` (proc_pid_limits(5)): name, soft limit, hard limit, unit.
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
