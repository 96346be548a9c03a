import TestSupport

/// The lines of a process that numbers them, as the agent's files hold them.
struct NumberedLog {
    /// All that is kept, the oldest first; the line that is being written is left out.
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

    /// Says where a line is missing or torn.
    ///
    /// - Parameters:
    ///   - isComplete: whether none was rotated away.
    ///   - mayEndEarly: whether a process may have ended with nobody to hold its pipe: then the next begins behind a gap.
    func gap(isComplete: Bool, mayEndEarly: Bool) -> String? {
        guard !isRotating else { return "is being rotated" }
        var previous = 0
        for (index, line) in lines.enumerated() {
            guard let number = Int(line), line.utf8.count == 10 else {
                let next = index + 1 < lines.count ? Int(lines[index + 1]) : 1
                if mayEndEarly, next == 1 { continue }
                return "line \(index + 1) is torn: \(line)"
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
