import LinuxSystem
import TestSupport
import Testing

@testable import Logs

/// Real processes that write as fast as they can, into files that are rotated all the time.
@Suite(.serialized) struct FloodTests {
    private func lines(_ count: Int) -> String { (1...count).map { "\($0)\n" }.joined() }

    @Test(arguments: [true, false]) func `large pieces are written completely`(canSplice: Bool) throws {
        let stream = try Stream(maximumSize: 10_000, canSplice: canSplice)
        try stream.run(["/usr/bin/seq", "1", "400000"])
        #expect(stream.text == lines(400_000))
        #expect(stream.texts.allSatisfy { $0.hasSuffix("\n") && $0.utf8.count <= 10_000 })
    }

    @Test func `a line for each write is written completely`() throws {
        let stream = try Stream(maximumSize: 1_000)
        let script = "i=1; while [ $i -le 50000 ]; do echo $i; i=$((i + 1)); done"
        try stream.run(["/bin/sh", "-c", script], budget: 3_000)
        #expect(stream.text == lines(50_000))
        #expect(stream.texts.allSatisfy { $0.hasSuffix("\n") && $0.utf8.count <= 1_000 })
    }

    @Test func `the tap gets everything that is written`() throws {
        let stream = try Stream(maximumSize: 5_000)
        var shown: [UInt8] = []
        try stream.run(["/usr/bin/seq", "1", "100000"]) { shown += $0 }
        #expect(shown == Array(lines(100_000).utf8))
        #expect(stream.text == lines(100_000))
    }

    @Test func `the rest of the pipe is written when the process has ended`() throws {
        let stream = try Stream(maximumSize: 1_000)
        stream.write(lines(5_000))
        #expect(stream.writer.finish().bytes == lines(5_000).utf8.count)
        #expect(stream.text == lines(5_000))
    }
}
