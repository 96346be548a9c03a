import Glibc
import LinuxSystem

/// Sums of the memory and processor time of processes (proc(5)).
enum ProcessUsage {
    /// Resident bytes (RSS): memory that processes share counts for each of them.
    static func resident(_ pids: [pid_t]) throws -> Double { try sum("Rss:", pids) }

    /// Proportional bytes (PSS): shared memory is divided among the processes that share it.
    static func proportional(_ pids: [pid_t]) throws -> Double { try sum("Pss:", pids) }

    /// User and system time of all threads in seconds, from `schedstat`: the ticks of /proc/<pid>/stat are too coarse.
    static func processorSeconds(_ pids: [pid_t]) throws -> Double {
        try pids.reduce(0) { total, pid in
            try threads(of: pid).reduce(total) { total, thread in
                let line = try read("\(pid)/task/\(thread)/schedstat")
                return total + (line.split(separator: " ").first.flatMap { Double($0) } ?? .nan) / 1e9
            }
        }
    }

    /// From `smaps_rollup`, which is counted when it is read. `statm` is summed from counters per processor and is off
    /// by some hundred KB.
    private static func sum(_ field: String, _ pids: [pid_t]) throws -> Double {
        try pids.reduce(0) { total, pid in
            let line = try read("\(pid)/smaps_rollup").split(separator: "\n").first { $0.hasPrefix(field) }
            let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap { Double($0) }
            return total + (kilobytes ?? .nan) * 1024
        }
    }

    private static func threads(of pid: pid_t) -> [pid_t] {
        guard let folder = opendir("/proc/\(pid)/task") else { return [] }
        defer { closedir(folder) }
        var threads: [pid_t] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let thread = pid_t(name) { threads.append(thread) }
        }
        return threads
    }

    private static func read(_ name: String) throws -> String {
        String(decoding: try FileSystem.read("/proc/\(name)", limit: 64 * 1024), as: UTF8.self)
    }
}
