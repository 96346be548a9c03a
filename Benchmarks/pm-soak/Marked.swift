import TestSupport

/// A process that was started for this soak, or a descendant of one. It is found by a variable in its environment, so
/// its current parent and cgroup do not matter.
struct Marked: Sendable {
    let process: SystemProcess
    let slot: String

    static func processes(of tag: String) -> [Marked] {
        let prefix = "PM_SOAK=\(tag) "
        return SystemProcess.all.compactMap { process in
            guard let mark = process.environment.first(where: { $0.hasPrefix(prefix) }) else { return nil }
            return Marked(process: process, slot: String(mark.dropFirst(prefix.count).prefix { $0 != "." }))
        }
    }
}
