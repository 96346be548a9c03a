import Glibc
import LinuxSystem
import Model
import TestSupport
import Testing

@testable import Logs

struct LogWriterTests {
    @Test func `no file is created before the first byte`() throws {
        let stream = try Stream(maximumSize: 100)
        #expect(stream.writer.drain() == DrainResult(bytes: 0, rest: .nothing))
        #expect(stream.texts.isEmpty)
        stream.write("a")
        #expect(stream.writer.drain() == DrainResult(bytes: 1, rest: .nothing))
        #expect(stream.texts == ["a"])
    }

    @Test func `a process without output has no file`() throws {
        let stream = try Stream(maximumSize: 100)
        stream.close()
        #expect(stream.writer.drain() == DrainResult(bytes: 0, rest: .ended))
        #expect(stream.writer.finish() == DrainResult(rest: .nothing))
        #expect(stream.texts.isEmpty)
    }

    @Test func `a child's end of a pipe is write-only, blocking and close-on-exec`() throws {
        let pipe = try LogPipe()
        let flags = [pipe.readEnd.number, pipe.childEnd.number].map { (fcntl($0, F_GETFL), fcntl($0, F_GETFD)) }
        #expect(flags[0].0 & (O_ACCMODE | O_NONBLOCK) == O_RDONLY | O_NONBLOCK)
        #expect(flags[1].0 & (O_ACCMODE | O_NONBLOCK) == O_WRONLY)
        #expect(flags.allSatisfy { $0.1 & FD_CLOEXEC != 0 })
    }

    @Test func `a file ends with a line`() throws {
        let stream = try Stream(maximumSize: 10)
        stream.pass("one\ntwo\nthree\nfour\n")
        #expect(stream.texts == ["one\ntwo\n", "three\n", "four\n"])
    }

    @Test func `an exactly full file is rotated at the next byte`() throws {
        let stream = try Stream(maximumSize: 8)
        stream.pass("one\ntwo\n")
        #expect(stream.texts == ["one\ntwo\n"])
        stream.pass("3\n")
        #expect(stream.texts == ["one\ntwo\n", "3\n"])
    }

    @Test func `a line longer than a file is cut and kept`() throws {
        let stream = try Stream(maximumSize: 8)
        stream.pass("ab\n0123456789abcdefghijklmnop\ncd\n")
        #expect(stream.texts == ["ab\n", "01234567", "89abcdef", "ghijklmn", "op\ncd\n"])
    }

    @Test func `the last line needs no newline`() throws {
        let stream = try Stream(maximumSize: 8)
        stream.write("one\ntwo")
        stream.close()
        #expect(stream.writer.finish().bytes == 7)
        #expect(stream.texts == ["one\ntwo"])
    }

    @Test func `the next process begins on a line of its own`() throws {
        let stream = try Stream(maximumSize: 100)
        stream.pass("one\ntwo")
        stream.replaceWriter(beginsProcess: true)
        stream.pass("three\n")
        stream.replaceWriter(beginsProcess: true)
        stream.pass("four\n")
        #expect(stream.text == "one\ntwo\nthree\nfour\n")
    }

    @Test(arguments: [1, 2, 3]) func `the oldest file is removed`(files: Int) throws {
        let stream = try Stream(maximumSize: 100, files: files)
        let lines = numberedLines(0..<200)
        stream.pass(lines)
        #expect(stream.texts.count == files)
        #expect(stream.texts.allSatisfy { $0.utf8.count <= 100 && $0.hasSuffix("\n") })
        #expect(lines.hasSuffix(stream.text))
        #expect(files == 1 || stream.text.utf8.count > 50 * files)
    }

    @Test func `one drain takes at most its budget`() throws {
        let stream = try Stream(maximumSize: 1_000)
        stream.write(String(repeating: "0123456\n", count: 100))
        #expect(stream.writer.drain(budget: 300) == DrainResult(bytes: 300, rest: .more))
        #expect(stream.text.utf8.count == 300)
        stream.close()
        #expect(stream.writer.finish().bytes == 500)
    }

    @Test(arguments: [true, false]) func `the tap gets what is drained, across files`(canSplice: Bool) throws {
        let stream = try Stream(maximumSize: 64, canSplice: canSplice)
        let lines = numberedLines(0..<100)
        stream.write(lines)
        stream.close()
        var shown: [UInt8] = []
        while stream.writer.drain(budget: 100, tap: { shown += $0 }).bytes > 0 {}
        #expect(shown == Array(lines.utf8))
        #expect(stream.text == lines)
    }

    @Test func `no sizes lose a byte or tear a line`() throws {
        var seed = Seed.fresh()
        for _ in 0..<100 {
            let size = Int.random(in: 64...400, using: &seed)
            let stream = try Stream(maximumSize: size, canSplice: Bool.random(using: &seed))
            let lines = numberedLines(0..<Int.random(in: 1...100, using: &seed))
            stream.pass(lines, piece: Int.random(in: 1...500, using: &seed))
            #expect(stream.text == lines, "\(seed)")
            #expect(stream.texts.allSatisfy { $0.hasSuffix("\n") && $0.utf8.count <= size }, "\(seed)")
        }
    }

    @Test func `extra files are removed when fewer are kept`() throws {
        let stream = try Stream(maximumSize: 10, files: 5)
        stream.pass(numberedLines(0..<50))
        #expect(stream.texts.count == 5)
        var rules = LogRules()
        rules.maximumSize = 10
        rules.files = 2
        stream.replaceWriter(rules)
        stream.pass("x\n")
        #expect(stream.texts.count == 2)
    }

    @Test func `all files are removed together`() throws {
        let stream = try Stream(maximumSize: 10, files: 5)
        stream.pass(numberedLines(0..<50))
        stream.files.remove()
        #expect(stream.texts.isEmpty)
    }
}
