import Glibc
import LinuxSystem

/// Finds children and descendants of a process (proc(5)).
enum ProcessTree {
    /// The children that the first thread of a process has started or adopted.
    static func children(of pid: pid_t) -> [pid_t] { words("\(pid)/task/\(pid)/children").compactMap { pid_t($0) } }

    /// All descendants, parents before their children.
    static func descendants(of pid: pid_t) -> [pid_t] {
        var found = [pid]
        var index = 0
        while index < found.count {
            found += children(of: found[index])
            index += 1
        }
        return Array(found.dropFirst())
    }

    /// `comm`: the first 15 bytes of the program's name. Empty if the process is gone.
    static func program(of pid: pid_t) -> String { words("\(pid)/comm").first ?? "" }

    private static func words(_ name: String) -> [String] {
        let bytes = (try? FileSystem.read("/proc/\(name)", limit: 1 << 20)) ?? []
        return bytes.split { $0 == 32 || $0 == 10 }.map { String(decoding: $0, as: UTF8.self) }
    }
}
