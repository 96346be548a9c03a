import Glibc

/// One control group (cgroups(7), version 2): everything a process started is in it, however it detached itself.
package struct Cgroup: Equatable, Sendable {
    /// The path of the directory that it is in, which thousands have in common, and its name there.
    private let parent: String
    private let name: String

    /// Its directory.
    package var path: String { "\(parent)/\(name)" }

    /// One that was made before, by this run of the program or an earlier one.
    ///
    /// - Parameter path: absolute.
    package init(path: String) {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        self.init(String(path[slash...].dropFirst()), below: String(path[..<slash]))
    }

    /// - Parameter name: one path component.
    package init(_ name: String, below parent: String) { (self.parent, self.name) = (parent, name) }

    /// Whether no living process is in it or below. One that is gone is empty.
    package var isEmpty: Bool {
        guard let text = try? FileSystem.read("\(path)/cgroup.events", limit: 4096) else {
            return FileSystem.kind(of: path) == nil
        }
        return text.split(separator: UInt8(ascii: "\n")).contains { $0.elementsEqual("populated 0".utf8) }
    }

    // MARK: Its end

    /// SIGKILL for all in it and below, at once; nobody can fork away from it.
    ///
    /// - Returns: false before Linux 5.14, which has no way to do that.
    package func kill() -> Bool { (try? set("cgroup.kill", "1")) != nil }

    /// Removes it and those that its processes made below.
    ///
    /// - Returns: whether it is gone; it can't go while somebody is in it.
    package func remove() -> Bool {
        if rmdir(path) == 0 || errno == ENOENT { return true }
        for child in children where !child.remove() { return false }
        return rmdir(path) == 0 || errno == ENOENT
    }

    /// The process ids in it and below; zombies don't count.
    package func members() -> Set<Int32> {
        children.reduce(into: ownMembers()) { $0.formUnion($1.members()) }
    }

    /// The process ids in it alone; 0 is one that has no number in this program's pid namespace.
    func ownMembers() -> Set<Int32> {
        var pids: Set<Int32> = []
        let text = (try? FileSystem.read("\(path)/cgroup.procs", limit: Self.membersSize)) ?? []
        for line in text.split(separator: UInt8(ascii: "\n")) {
            if let pid = Int32(String(decoding: line, as: UTF8.self)), pid >= 0 { pids.insert(pid) }
        }
        return pids
    }

    /// The control groups directly below.
    package var children: [Cgroup] {
        FileSystem.directories(in: path).map { Cgroup($0, below: path) }
    }

    // MARK: Limits

    /// Bounds what all in it may use together; nil is no bound.
    ///
    /// - Parameters:
    ///   - memory: bytes; beyond it, all in it are killed.
    ///   - cpu: processors, 0.5 is half of one.
    ///   - pids: processes and threads.
    package func limit(memory: UInt64?, cpu: Double?, pids: UInt64?) throws(SystemError) {
        var settings: [(file: String, value: String)] = []
        if let memory {
            // Half a program is no use to anybody. The file is there since Linux 4.19.
            settings += [("memory.max", "\(memory)"), (Self.optional, "1")]
        }
        if let cpu {
            let period = 100_000.0
            // The kernel takes no quota below a millisecond.
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

    /// Bytes; four million processes are the most a kernel has.
    private static let membersSize = 32 << 20
}
