import TestSupport

/// A process that the soak has had started, or that such a one has started: the mark in its environment says so, wherever
/// it has gone and whoever its parent is by now.
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
