import Glibc

/// The descendants of a process, as long as their parents live: orphans among them are children of the keeper.
enum Descent {
    /// All below `processes`, which are not among them.
    static func descendants(of processes: Set<Int32>) -> Set<Int32> {
        guard isTold else { return ProcessStatistics.descendants(of: processes) }
        var found: Set<Int32> = []
        var next = Array(processes)
        while let pid = next.popLast() {
            for child in children(of: pid) where !processes.contains(child) && found.insert(child).inserted {
                next.append(child)
            }
        }
        return found
    }

    /// Those of all its threads; zombies count.
    static func children(of pid: Int32) -> [Int32] {
        guard isTold else { return ProcessStatistics.children(of: pid) }
        var children: [Int32] = []
        FileSystem.forEachEntry(in: "/proc/\(pid)/task") { name, _ in
            guard let thread = Int32(decimal: name) else { return }
            children += numbers((try? FileSystem.read("/proc/\(pid)/task/\(thread)/children", limit: sizeLimit)) ?? [])
        }
        return children
    }

    /// Those in a list of the kernel's, with blanks between them.
    static func numbers(_ text: [UInt8]) -> [Int32] {
        text.withUnsafeBytes { bytes in
            bytes.split(separator: UInt8(ascii: " ")).compactMap {
                Int32(decimal: UnsafeRawBufferPointer(rebasing: $0))
            }
        }
    }

    /// Whether this kernel has a list of children (CONFIG_PROC_CHILDREN); else each process is asked for its parent.
    private static let isTold = access("/proc/self/task/\(getpid())/children", F_OK) == 0

    /// No tree is that deep; but one that changes while it is gone through could lead in a circle.
    static let depth = 1_000

    /// Bytes; four million processes are the most a kernel has.
    private static let sizeLimit = 32 << 20
}

extension ProcessStatistics {
    /// Of all processes of the machine that have not ended.
    static func forEach(_ body: (_ pid: Int32, ProcessStatistics) -> Void) {
        FileSystem.forEachEntry(in: "/proc") { name, _ in
            guard let pid = Int32(decimal: name), let found = read(pid), !found.hasEnded else { return }
            body(pid, found)
        }
    }

    fileprivate static func children(of pid: Int32) -> [Int32] {
        var children: [Int32] = []
        forEach { child, found in if found.parent == pid { children.append(child) } }
        return children
    }

    fileprivate static func descendants(of processes: Set<Int32>) -> Set<Int32> {
        var children: [Int32: [Int32]] = [:]
        forEach { children[$1.parent, default: []].append($0) }
        var found: Set<Int32> = []
        var next = Array(processes)
        while let pid = next.popLast() {
            for child in children[pid] ?? [] where !processes.contains(child) && found.insert(child).inserted {
                next.append(child)
            }
        }
        return found
    }
}

extension Int32 {
    /// Nil when it is no number; quick, because /proc has many entries.
    init?(decimal text: UnsafeRawBufferPointer) {
        guard (1...9).contains(text.count) else { return nil }
        var value: Int32 = 0
        for byte in text {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int32(byte - UInt8(ascii: "0"))
        }
        self = value
    }
}
