import Glibc

/// A control group (cgroups(7), version 2). It holds every descendant of a process, however it has detached itself, unless it moves to another cgroup.
package struct Cgroup: Equatable, Sendable {
    /// The parent directory, a string that thousands of cgroups share, and the name in it.
    private let parent: String
    private let name: String

    /// Its directory.
    package var path: String { "\(parent)/\(name)" }

    /// An existing cgroup.
    package init(path: String) {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        self.init(String(path[slash...].dropFirst()), below: String(path[..<slash]))
    }

    /// - Parameter name: one path component.
    package init(_ name: String, below parent: String) { (self.parent, self.name) = (parent, name) }

    /// Whether no living process is in the cgroup or below it; true if the cgroup does not exist.
    package var isEmpty: Bool {
        guard let text = try? FileSystem.read("\(path)/cgroup.events", limit: 4096) else {
            return FileSystem.kind(of: path) == nil
        }
        return text.split(separator: UInt8(ascii: "\n")).contains { $0.elementsEqual("populated 0".utf8) }
    }

    // MARK: Its end

    /// Sends SIGKILL to all processes in the cgroup and below it at once, so that none can escape by forking.
    ///
    /// - Returns: false before Linux 5.14, which lacks cgroup.kill.
    package func kill() -> Bool { (try? set("cgroup.kill", "1")) != nil }

    /// Removes the cgroup and those that its processes made below it.
    ///
    /// - Returns: whether it is gone; a cgroup with a process in it can't be removed.
    package func remove() -> Bool {
        if rmdir(path) == 0 || errno == ENOENT { return true }
        for child in children where !child.remove() { return false }
        return rmdir(path) == 0 || errno == ENOENT
    }

    /// The process ids in the cgroup and below it, without zombies.
    package func members() -> Set<Int32> {
        children.reduce(into: ownMembers()) { $0.formUnion($1.members()) }
    }

    /// The process ids in the cgroup itself. 0 is a process that has no number in this program's pid namespace.
    func ownMembers() -> Set<Int32> {
        var pids: Set<Int32> = []
        let text = (try? FileSystem.read("\(path)/cgroup.procs", limit: Self.membersSize)) ?? []
        for line in text.split(separator: UInt8(ascii: "\n")) {
            if let pid = Int32(String(decoding: line, as: UTF8.self)), pid >= 0 { pids.insert(pid) }
        }
        return pids
    }

    /// The cgroups directly below.
    package var children: [Cgroup] {
        FileSystem.directories(in: path).map { Cgroup($0, below: path) }
    }

    // MARK: Limits

    /// Limits the total resources of the cgroup; nil: no limit.
    ///
    /// - Parameters:
    ///   - memory: bytes; beyond it, all processes in the cgroup are killed.
    ///   - cpu: processors; 0.5 is half of one.
    ///   - pids: processes and threads.
    package func limit(memory: UInt64?, cpu: Double?, pids: UInt64?) throws(SystemError) {
        var settings: [(file: String, value: String)] = []
        if let memory {
            // Kills all processes when memory runs out, because a program that lacks some of its processes is useless.
            // Since Linux 4.19.
            settings += [("memory.max", "\(memory)"), (Self.optional, "1")]
        }
        if let cpu {
            let period = 100_000.0
            // The kernel accepts no quota below a millisecond.
            settings.append(("cpu.max", "\(UInt64(max(1_000, min(cpu, 1_000_000) * period))) \(UInt64(period))"))
        }
        if let pids { settings.append(("pids.max", "\(pids)")) }
        try apply(settings)
        remember(settings)
    }

    func apply(_ settings: [(file: String, value: String)]) throws(SystemError) {
        for (file, value) in settings {
            do throws(SystemError) { try set(file, value) } catch { if file != Self.optional { throw error } }
        }
    }

    private static let optional = "memory.oom.group"

    func set(_ file: String, _ value: String) throws(SystemError) {
        let descriptor = try Descriptor.open("\(path)/\(file)", O_WRONLY)
        let bytes = Array(value.utf8)
        try System.call("set \(path)/\(file)") { write(descriptor.number, bytes, bytes.count) }
    }

    /// Bytes: enough for four million processes, the most that a kernel can have.
    private static let membersSize = 32 << 20
}
