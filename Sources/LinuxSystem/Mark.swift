import CLinux
import Glibc

/// What all processes of one start carry where they can't have a cgroup: a resource limit that no one reaches, that is
/// inherited over fork and exec, and that prlimit(2) tells.
package struct Mark: Hashable, Sendable {
    /// ``Birth/launch`` of the start.
    package let launch: UInt64

    package init(launch: UInt64) { self.launch = launch }

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

    /// Sends a signal to all who carry it, and to what they start meanwhile.
    package func signal(_ signal: Int32) {
        var signalled: Set<Int32> = []
        for _ in 0..<ProcessTree.signalRounds {
            let new = members().subtracting(signalled)
            if new.isEmpty { return }
            signalled.formUnion(new)
            PinnedProcess.inBatches(of: new) { batch in
                // Marked still, now that they are pinned: not strangers that were given a number in between.
                for process in batch where Mark(of: process.pid) == self { process.signal(signal) }
            }
        }
    }

    /// That of a process; nil when it has none, or when nobody may know.
    private init?(of pid: Int32) {
        let launch = pm_marked_launch(pid)
        if launch != .max {
            self.init(launch: launch)
        } else if errno == EPERM, Self.isRoot {
            // In a container, root may lack the right to ask for other users' limits; but they are for everybody to read.
            guard let text = try? FileSystem.read("/proc/\(pid)/limits", limit: 1 << 16) else { return nil }
            self.init(limits: text)
        } else {
            return nil
        }
    }

    /// From the file `limits` of a process (proc(5)): "Max realtime timeout", soft, hard, unit.
    package init?(limits: [UInt8]) {
        let line = limits.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: "Max realtime timeout ".utf8) }
        guard let hard = line?.split(separator: UInt8(ascii: " ")).dropFirst(4).first,
            let limit = UInt64(String(decoding: hard, as: UTF8.self)), limit >= Self.base, limit < 2 * Self.base
        else { return nil }
        launch = limit - Self.base
    }

    /// PM_MARK_BASE
    private static let base = UInt64(1) << 62
    private static let isRoot = geteuid() == 0
}

extension Int32 {
    /// Nil when it is no number; quick, because /proc has many entries.
    fileprivate init?(decimal text: UnsafeRawBufferPointer) {
        guard (1...9).contains(text.count) else { return nil }
        var value: Int32 = 0
        for byte in text {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int32(byte - UInt8(ascii: "0"))
        }
        self = value
    }
}
