import Glibc
import LinuxSystem

/// Who is whose child (proc(5)).
enum ProcessTree {
    /// Those that a process's first thread has started, or that came to it.
    static func children(of pid: pid_t) -> [pid_t] { words("\(pid)/task/\(pid)/children").compactMap { pid_t($0) } }

    /// Parents before their children.
    static func descendants(of pid: pid_t) -> [pid_t] {
        var found = [pid]
        var index = 0
        while index < found.count {
            found += children(of: found[index])
            index += 1
        }
        return Array(found.dropFirst())
    }

    /// The first 15 bytes of its name; empty when it is gone.
    static func program(of pid: pid_t) -> String { words("\(pid)/comm").first ?? "" }

    private static func words(_ name: String) -> [String] {
        let bytes = (try? FileSystem.read("/proc/\(name)", limit: 1 << 20)) ?? []
        return bytes.split { $0 == 32 || $0 == 10 }.map { String(decoding: $0, as: UTF8.self) }
    }
}
