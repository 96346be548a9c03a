import ArgumentParser
import Model

/// The order of processes in `pmctl top`.
struct TopOrder: Equatable {
    /// What they are sorted by. Each has a key that is its first letter.
    enum Column: String, CaseIterable, ExpressibleByArgument {
        case cpu, memory, tasks, files, name, host, uptime

        var key: Character { rawValue.first ?? " " }
    }

    var column = Column.cpu
    var isReversed = false

    /// Numbers begin with the largest, names with the first; equal ones follow by host and name.
    func precedes(_ left: TopModel.Row, _ right: TopModel.Row) -> Bool {
        let order = compare(left, right)
        if order != 0 { return isReversed ? order > 0 : order < 0 }
        return (left.host.description, left.process.id) < (right.host.description, right.process.id)
    }

    /// Negative if `left` comes first.
    private func compare(_ left: TopModel.Row, _ right: TopModel.Row) -> Int {
        func sign(_ isLess: Bool, _ isMore: Bool) -> Int { isLess ? -1 : isMore ? 1 : 0 }
        switch column {
        case .name: return sign(left.process.id < right.process.id, left.process.id > right.process.id)
        case .host: return sign(left.host < right.host, right.host < left.host)
        case .cpu, .memory, .tasks, .files, .uptime:
            let (first, second) = (value(left), value(right))
            return sign(first > second, first < second)
        }
    }

    /// What is not known comes last.
    private func value(_ row: TopModel.Row) -> Double {
        let value: Double? =
            switch column {
            case .cpu: row.cpu
            case .memory: row.usage?.memory
            case .tasks: row.usage?.tasks.map(Double.init)
            case .files: row.usage?.openFiles.map(Double.init)
            case .uptime: row.uptime
            case .name, .host: nil
            }
        return value ?? -1
    }
}
