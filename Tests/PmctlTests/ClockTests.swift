import TestSupport
import Testing

/// A host whose clock differs from that of `pmctl`.
@Suite(.serialized) struct ClockTests {
    @Test(arguments: [(-1_000, "behind"), (1_000, "ahead of")])
    func `a request is sent once more by the host's clock, with a warning`(seconds: Int, word: String) async throws {
        let folder = try TemporaryFolder()
        let clock = try JumpingClock(at: "\(folder.path)/clock")
        try clock.set(seconds)
        try await withAgent(.init(wrapper: try clock.wrapper)) { bench in
            let result = try await Pmctl(bench.broker).run("start", "h1", "--name", "web", "--", "sleep", "1000")
            #expect(result.exitCode == 0 && result.output.hasPrefix("started web on h1, pid "), "\(result)")
            #expect(result.errors.hasPrefix("pmctl: the clock of host h1 is "), "\(result)")
            #expect(result.errors.hasSuffix(" s \(word) this one\n"), "\(result)")
        }
    }
}
