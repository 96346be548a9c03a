import JSONCodec
import Model
import Supervision
import Wire

@testable import AgentRuntime

/// An agent's journal with arbitrary damage: what can be read is unchanged after it is written again.
enum JournalFuzz {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        let contents = Journal.contents(bytes, bootID: "b")
        _ = contents.latestLaunch
        guard contents.records.values.allSatisfy({ JSON.object($0.members).isFinite }) else { return }
        for record in contents.records.values { try check(record) }
        let again = Journal.contents(written(contents), bootID: "b")
        try hold(
            again.isFound && again.damage == nil, "the rewritten journal is damaged: \(again.damage ?? "not found")")
        try hold(again.milestones == contents.milestones, "\(contents.milestones) become \(again.milestones)")
        try hold(again.records == contents.records, "\(contents.records) become \(again.records)")
    }

    /// As `AgentStateStore` and the supervisor write it.
    private static func written(_ contents: Journal.Contents) -> [UInt8] {
        var lines: [[JSON.Member]] = [[.init("boot", "b")]]
        lines += contents.milestones.map { [.init($0.rawValue, true)] }
        lines += contents.records.map { [.init("id", .string($0.key.description))] + $0.value.members }
        return lines.flatMap { JSON.object($0).printed() + [UInt8(ascii: "\n")] }
    }

    private static func check(_ record: ProcessRecord) throws(Violation) {
        try RequestFuzz.check(record.spec)
        // Values that the process's entry shows.
        let code = record.launch.exit?.exitCode ?? 0
        try hold(record.launch.exit?.signal == nil || (128...192).contains(code), "ended by a signal, with \(code)")
        try hold(record.restarts >= 0, "\(record.restarts) restarts")
        if case .restarts(let delay)? = record.lifecycle.decision {
            try hold((0...Limits.longestWait).contains(delay), "a restart delay of \(delay) s")
        }
        let pid = record.launch.pid
        try hold(pid == nil || pid.map { $0 > 0 } == true, "its pid is \(pid ?? 0)")
    }
}
