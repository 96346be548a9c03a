import LinuxSystem
import Model
import TestSupport
import Testing

@testable import Logs

/// The agent is killed between any two changes to the disk. A new one finds every line, once.
struct RotationTests {
    /// With and without an unfinished line at the end of the full file, and with one that is the whole file.
    private static let contents = [
        (first: "0123456\n89abcde\n", rest: "next\n"), (first: "0123456\n89abcdef", rest: "ghi\nnext\n"),
        (first: "0123456789abcdef", rest: "ghi\nnext\n"), (first: "0123\n56789abcdef", rest: "ghijklmnopqrst\nnext\n"),
    ]

    /// A stream with a full current file and some older files.
    private func full(_ content: String, files: Int, older: Int) throws -> Stream {
        let stream = try Stream(maximumSize: 16, files: files)
        for number in 0..<older { stream.pass("older file \(number % 1_000)xxx\n") }
        stream.pass(content)
        #expect(stream.size("a.stdout") == 16)
        return stream
    }

    @Test(arguments: [2, 3, 5], 0..<4) func `killed after any step of a rotation`(files: Int, content: Int) throws {
        let (first, rest) = Self.contents[content]
        for older in 0..<files {
            let alive = try full(first, files: files, older: older)
            let count = try alive.files.rotationSteps().count
            let before = alive.text
            alive.pass(rest)
            #expect((before + rest).hasSuffix(alive.text))
            for done in 0...count {
                let stream = try full(first, files: files, older: older)
                for step in try stream.files.rotationSteps().prefix(done) { try stream.files.perform(step) }
                stream.replaceWriter()
                stream.pass(rest)
                #expect(stream.texts == alive.texts, "\(done) of \(count) steps, \(older) older files")
                #expect(FileSystem.kind(of: stream.files.next) == nil)
            }
        }
    }

    @Test(arguments: 0..<4) func `killed during the recovery of an interrupted rotation`(content: Int) throws {
        let (first, rest) = Self.contents[content]
        for done in 0...8 {
            for recovered in 0...4 {
                let stream = try full(first, files: 6, older: 2)
                let before = stream.text
                for step in try stream.files.rotationSteps().prefix(done) { try stream.files.perform(step) }
                for step in try stream.files.recoverySteps().prefix(recovered) { try stream.files.perform(step) }
                stream.replaceWriter()
                stream.pass(rest)
                #expect(stream.text == before + rest, "\(done) steps, \(recovered) of recovery")
            }
        }
    }

    @Test func `killed while the unfinished line is copied`() throws {
        for copied in 0..<8 {
            let stream = try full("0123456\n89abcdef", files: 3, older: 0)
            try stream.folder.write(String("89abcdef".prefix(copied)), to: "a.stdout.next")
            stream.replaceWriter()
            stream.pass("ghi\nnext\n")
            #expect(stream.texts == ["0123456\n", "89abcdefghi\n", "next\n"])
        }
    }

    @Test(arguments: 0..<4) func `with one file the unfinished line is kept at least`(content: Int) throws {
        let (first, rest) = Self.contents[content]
        for done in 0...2 {
            let stream = try full(first, files: 1, older: 0)
            for step in try stream.files.rotationSteps().prefix(done) { try stream.files.perform(step) }
            stream.replaceWriter()
            stream.pass(rest)
            #expect((first + rest).hasSuffix(stream.text))
            #expect(stream.text.hasSuffix(String(rest.suffix(5))))
            #expect(stream.texts.count == 1 && FileSystem.kind(of: stream.files.next) == nil)
        }
    }

    /// Random pieces, sizes and budgets, and an agent that dies at random steps.
    @Test func `killed again and again`() throws {
        var seed = Seed.fresh()
        for _ in 0..<50 {
            let stream = try Stream(maximumSize: Int.random(in: 40...200, using: &seed))
            let lines = numberedLines(0..<300)
            var rest = Substring(lines).utf8
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...300, using: &seed))
                stream.write(String(decoding: piece, as: UTF8.self))
                rest = rest.dropFirst(piece.count)
                while stream.writer.drain(budget: Int.random(in: 1...200, using: &seed)).bytes > 0 {}
                guard Bool.random(using: &seed) else { continue }
                if let size = stream.size("a.stdout"), size >= stream.files.maximumSize {
                    let steps = try stream.files.rotationSteps()
                    for step in steps.prefix(Int.random(in: 0...steps.count, using: &seed)) {
                        try stream.files.perform(step)
                    }
                }
                stream.replaceWriter()
            }
            #expect(stream.text == lines, "\(seed)")
            #expect(stream.texts.allSatisfy { $0.hasSuffix("\n") }, "\(seed)")
        }
    }
}
