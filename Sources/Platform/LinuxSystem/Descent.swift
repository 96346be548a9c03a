import Glibc

/// Finds the descendants of a process as long as their parents live. Orphans are children of the keeper instead.
enum Descent {
    /// All descendants of `processes`, without these.
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

    /// The children of all threads of a process, including zombies.
    static func children(of pid: Int32) -> [Int32] {
        guard isTold else { return ProcessStatistics.children(of: pid) }
        var children: [Int32] = []
        FileSystem.forEachEntry(in: "/proc/\(pid)/task") { name, _ in
            guard let thread = Int32(decimal: name) else { return }
            children += numbers((try? FileSystem.read("/proc/\(pid)/task/\(thread)/children", limit: sizeLimit)) ?? [])
        }
        return children
    }

    /// Parses one of the kernel's lists of process ids, which are separated by blanks.
    static func numbers(_ text: [UInt8]) -> [Int32] {
        text.withUnsafeBytes { bytes in
            bytes.split(separator: UInt8(ascii: " ")).compactMap {
                Int32(decimal: UnsafeRawBufferPointer(rebasing: $0))
            }
        }
    }

    /// Whether this kernel lists children (CONFIG_PROC_CHILDREN). If not, the parent of every process is read.
    private static let isTold = access("/proc/self/task/\(getpid())/children", F_OK) == 0

    /// Maximum depth of a tree. A tree that changes while it is walked could form a loop.
    static let depth = 1_000

    /// Bytes: enough for four million processes, the most that a kernel can have.
    private static let sizeLimit = 32 << 20
}

extension ProcessStatistics {
    /// Calls `body` for every process of the host that has not ended.
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
    /// Parses an entry of /proc; nil if it is no number. Fast, because /proc has many entries.
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
