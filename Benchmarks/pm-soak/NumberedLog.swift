import TestSupport

/// The numbered lines of a process, read from the agent's log files.
struct NumberedLog {
    /// All lines in the files, the oldest first, without the unfinished last line.
    private var lines: [Substring]
    private let isRotating: Bool

    /// Reads the files of `<name>.stdout`.
    init(_ name: String, _ agent: AgentProcess) {
        let current = "\(name).stdout"
        let files = FileStore.names(in: "\(agent.stateDirectory)/log").filter { $0.hasPrefix(current) }
        isRotating = files.contains("\(current).next")
        let older = files.compactMap { Int($0.dropFirst(current.count + 1)) }.sorted(by: >)
        let names = older.map { "\(current).\($0)" } + [current]
        lines = []
        for name in names {
            lines += agent.folder.read("state/log/\(name)").split(separator: "\n", omittingEmptySubsequences: false)
                .dropLast()
        }
    }

    var last: Int? { lines.last.flatMap { Int($0) } }

    /// Describes where a line is missing or incomplete; nil if all lines are in order.
    ///
    /// - Parameters:
    ///   - isComplete: whether no line was rotated away.
    ///   - mayEndEarly: whether a process may have ended while no agent held its pipe. The lines of the next run then
    ///     follow an incomplete line.
    func gap(isComplete: Bool, mayEndEarly: Bool) -> String? {
        guard !isRotating else { return "is being rotated" }
        var previous = 0
        for (index, line) in lines.enumerated() {
            guard let number = Int(line), line.utf8.count == 10 else {
                let next = index + 1 < lines.count ? Int(lines[index + 1]) : 1
                if mayEndEarly, next == 1 { continue }
                return "line \(index + 1) is incomplete: \(line)"
            }
            let isFirst = index == 0 && !isComplete
            guard number == previous + 1 || number == 1 || isFirst else {
                return "\(number) follows \(previous) in line \(index + 1) of \(lines.count)"
            }
            previous = number
        }
        return nil
    }
}
