import LinuxSystem
import Model
import TestSupport
import Testing

@testable import Logs

struct LastLinesTests {
    private func stream(_ text: String, maximumSize: Int = 1 << 20) throws -> Stream {
        let stream = try Stream(maximumSize: maximumSize)
        stream.pass(text)
        return stream
    }

    private func tail(_ lines: [String], isTruncated: Bool = false) -> LogTail {
        LogTail(lines: lines, isTruncated: isTruncated)
    }

    @Test func `an empty log, or a count of 0, gives no lines`() throws {
        let empty = try stream("")
        #expect(try empty.files.lastLines(10, limit: 1_000) == tail([]))
        let two = try stream("a\nb\n")
        #expect(try two.files.lastLines(0, limit: 1_000) == tail([]))
    }

    @Test(arguments: [
        ("\n", 10, [""]), ("a\n\nb", 10, ["a", "", "b"]), ("a\n\nb", 2, ["", "b"]), ("a\n\nb\n", 1, ["b"]),
    ])
    func `empty lines and a last one without an end count`(text: String, count: Int, lines: [String]) throws {
        let stream = try stream(text)
        #expect(try stream.files.lastLines(count, limit: 1_000) == tail(lines))
    }

    @Test(arguments: [1, 2, 50, 999, 1_000, 1_001, 5_000]) func `lines are read from many files`(count: Int) throws {
        let text = numberedLines(0..<1_000)
        let stream = try stream(text, maximumSize: 200)
        let lines = text.split(separator: "\n").suffix(count).map(String.init)
        #expect(try stream.files.lastLines(count, limit: 1 << 20) == tail(lines))
    }

    @Test func `a line that is split over files is one line`() throws {
        let line = String(repeating: "long ", count: 20)
        let stream = try stream("a\n\(line)\nb\n", maximumSize: 16)
        #expect(stream.texts.count > 4)
        #expect(try stream.files.lastLines(2, limit: 1_000) == tail([line, "b"]))
    }

    @Test func `lines are read over many blocks`() throws {
        let text = numberedLines(0..<20_000)
        let stream = try stream(text)
        #expect(text.utf8.count > 4 * LogFile.block)
        let lines = text.split(separator: "\n").map(String.init)
        #expect(try stream.files.lastLines(19_999, limit: 1 << 22) == tail(lines.suffix(19_999)))
        #expect(try stream.files.lastLines(20_001, limit: 1 << 22) == tail(lines))
    }

    @Test func `lines take at most the limit`() throws {
        // Three bytes of each line are quotes and comma.
        let stream = try stream("aaaa\nbbbb\ncccc\n")
        #expect(try stream.files.lastLines(2, limit: 14) == tail(["bbbb", "cccc"]))
        #expect(try stream.files.lastLines(3, limit: 20) == tail(["bbbb", "cccc"], isTruncated: true))
        #expect(try stream.files.lastLines(3, limit: 21) == tail(["aaaa", "bbbb", "cccc"]))
        #expect(try stream.files.lastLines(3, limit: 6) == tail(["ccc"], isTruncated: true))
        #expect(try stream.files.lastLines(3, limit: 0) == tail([""], isTruncated: true))
    }

    @Test func `one huge line is cut at its beginning`() throws {
        let stream = try stream(String(repeating: "x", count: 300_000) + "ü\"\n")
        let tail = try stream.files.lastLines(1, limit: 1_000)
        #expect(tail.isTruncated && tail.lines == [String(repeating: "x", count: 1_000 - 3 - 4) + "ü\""])
    }

    @Test func `bytes that are not text are replaced`() throws {
        let stream = try Stream(maximumSize: 1_000)
        try stream.folder.write("", to: "a.stdout")
        let file = try Descriptor.open(stream.files.current, 1)
        try file.write([0x61, 0, 0x62, 0xFF, 0xC3, 0x0A, 0x1B, 0x5B, 0x6D, 0x0D, 0x0A], at: 0)
        #expect(try stream.files.lastLines(9, limit: 100) == tail(["a\u{FFFD}b\u{FFFD}\u{FFFD}", "\u{1B}[m\r"]))
    }

    /// The limit counts control characters as cJSON encodes them.
    @Test func `the cost of a line is its size in JSON`() {
        #expect(JSONText(Array("a\"\\\u{1}\n\u{7F}ü".utf8)[...]).cost == 3 + 1 + 2 + 2 + 6 + 2 + 1 + 2)
    }

    @Test func `an interrupted rotation does not double lines`() throws {
        let stream = try stream("0123456\n89abcdef", maximumSize: 16)
        for step in try stream.files.rotationSteps().dropLast() { try stream.files.perform(step) }
        #expect(stream.text == "0123456\n89abcdef89abcdef")
        #expect(try stream.files.lastLines(5, limit: 100) == tail(["0123456", "89abcdef"]))
    }
}
