import Glibc

/// What the processes of a tree use. A field is nil where the host doesn't tell it.
package struct TreeUsage: Equatable, Sendable {
    package var cpuSeconds: Double?
    /// Bytes, without file contents that the kernel can drop.
    package var memory: Int?
    /// Threads.
    package var tasks: Int?
    package var openFiles: Int?

    /// The sum of what /proc says of these processes; of processor time also what their ended children have used.
    init(of members: some Sequence<Int32>) {
        for pid in members {
            guard let fields = (try? FileSystem.read("/proc/\(pid)/stat", limit: 4096)).flatMap({ StatFields($0) })
            else { continue }
            // utime, stime, cutime, cstime
            let ticks = (14...17).reduce(0) { $0 + (fields.number($1) ?? 0) }
            cpuSeconds = (cpuSeconds ?? 0) + Double(ticks) / Self.ticks
            memory = (memory ?? 0) + (fields.number(24) ?? 0) * Self.page
            tasks = (tasks ?? 0) + (fields.number(20) ?? 0)
            if let files = Self.openFiles(of: pid) { openFiles = (openFiles ?? 0) + files }
        }
    }

    /// The same, with the figures of their cgroup, which also counts what has ended (cgroups(7), "Documentation/
    /// admin-guide/cgroup-v2.rst" of Linux). Memory and tasks are told only where these controllers are enabled.
    init(of cgroup: Cgroup) {
        self.init(of: cgroup.members())
        if let microseconds = cgroup.number("usage_usec", in: "cpu.stat") { cpuSeconds = Double(microseconds) / 1e6 }
        if let all = cgroup.number(in: "memory.current") {
            memory = max(0, all - (cgroup.number("inactive_file", in: "memory.stat") ?? 0))
        }
        if let count = cgroup.number(in: "pids.current") { tasks = count }
    }

    /// Nil if this program may not see them.
    private static func openFiles(of pid: Int32) -> Int? {
        var status = stat()
        // The size is the number of descriptors since Linux 6.2, and 0 before.
        if stat("/proc/\(pid)/fd", &status) == 0, status.st_size > 0 { return Int(status.st_size) }
        guard access("/proc/\(pid)/fd", R_OK | X_OK) == 0 else { return nil }
        var count = 0
        FileSystem.forEachEntry(in: "/proc/\(pid)/fd") { name, _ in if Int32(decimal: name) != nil { count += 1 } }
        return count
    }

    private static let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    private static let page = sysconf(Int32(_SC_PAGESIZE))
}

extension Cgroup {
    /// - Parameter key: of a flat keyed file; nil for a file with a single value.
    fileprivate func number(_ key: String? = nil, in file: String) -> Int? {
        guard let bytes = try? FileSystem.read("\(path)/\(file)", limit: 64 << 10) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard let key else { return lines.first.flatMap { Int($0) } }
        return lines.first { $0.hasPrefix("\(key) ") }.flatMap { Int($0.dropFirst(key.utf8.count + 1)) }
    }
}
