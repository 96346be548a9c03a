import Glibc
import TestSupport
import Testing

@testable import LinuxSystem

struct UsageSurveyTests {
    @Test func `a tree's processor time, memory, threads and descriptors are those of all its processes`() async throws
    {
        let script = "exec 3</dev/null; sleep 1000 & sleep 1000 & while :; do :; done"
        let run = try Run(["/bin/sh", "-c", script])
        defer { run.handle.signal(SIGKILL) }
        var survey = UsageSurvey([.init(launch: 7, main: run.handle.pid, cgroup: nil)])
        try await eventually("the tree has used a tenth of a second") {
            survey = UsageSurvey([.init(launch: 7, main: run.handle.pid, cgroup: nil)])
            survey.read()
            return (survey.usage[7]?.cpuSeconds ?? 0) >= 0.1 && survey.usage[7]?.tasks == 3
        }
        let usage = try #require(survey.usage[7])
        #expect(usage.memory ?? 0 > 100_000 && usage.memory ?? 0 < 100_000_000)
        // Three standard descriptors of each, and one more that the children inherit.
        #expect(usage.openFiles ?? 0 >= 12)
        #expect(survey.cost > 0)
        for child in SystemProcess(Int(run.handle.pid)).children { child.kill() }
    }

    @Test func `a tree that has ended is left out`() throws {
        let run = try Run(["/bin/true"])
        _ = run.handle
        var survey = UsageSurvey([.init(launch: 1, main: .max, cgroup: nil)])
        survey.read()
        #expect(survey.usage.isEmpty)
    }

    @Test func `the numbers of stat are found behind any name`() throws {
        let rest = (3...52).map { $0 == 3 ? "S" : "\($0)" }.joined(separator: " ")
        for name in ["sh", "a b", ")", "(x) y", ""] {
            let fields = try #require(StatFields(Array("7 (\(name)) \(rest)".utf8)))
            #expect(String(decoding: fields.name, as: UTF8.self) == name)
            #expect(fields.state == UInt8(ascii: "S") && fields.number(14) == 14 && fields.number(24) == 24)
        }
        for text in ["", "7 (sh", "7 sh) S 1", "7 (sh) S 1 2 3"] { #expect(StatFields(Array(text.utf8)) == nil) }
    }
}
