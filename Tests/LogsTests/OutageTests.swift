import Glibc
import LinuxSystem
import Model
import TestSupport
import Testing

@testable import Logs

/// The disk fails, which the process must not notice.
struct OutageTests {
    private func note(_ bytes: Int, _ reason: String) -> String { "[pmqtt: \(bytes) bytes not written: \(reason)]\n" }

    private let later = Instant.now + .seconds(3_600)

    @Test func `a full device drops bytes until it has room`() throws {
        let stream = try Stream(maximumSize: 1_000)
        symlink("/dev/full", stream.files.current)
        stream.write("one\ntwo\n")
        let result = stream.writer.drain()
        #expect(result.bytes == 8 && result.change == .failed)
        #expect(stream.writer.outage?.reason.number == ENOSPC && stream.writer.outage?.droppedBytes == 8)
        // The failure is reported once. Writing is tried again only after a while.
        stream.write("three\nfo")
        #expect(stream.writer.drain().change == nil)
        #expect(stream.writer.outage?.droppedBytes == 16)
        unlink(stream.files.current)
        stream.write("ur\nfive\n")
        #expect(stream.writer.drain(now: later).change == .recovered(droppedBytes: 19))
        #expect(stream.writer.outage == nil)
        #expect(stream.text == note(19, "no space left on device") + "five\n")
    }

    @Test func `a second failure is not reported again`() throws {
        let stream = try Stream(maximumSize: 1_000)
        symlink("/dev/full", stream.files.current)
        stream.write("one\n")
        #expect(stream.writer.drain().change == .failed)
        stream.write("two\n")
        #expect(stream.writer.drain(now: later).change == nil)
        #expect(stream.writer.outage?.droppedBytes == 8)
    }

    @Test func `a directory that can't be made drops bytes`() throws {
        let folder = try TemporaryFolder()
        try folder.write("a file", to: "log")
        let stream = try Stream(maximumSize: 1_000, directory: "\(folder.path)/log/deeper")
        stream.write("one\n")
        #expect(stream.writer.drain().change == .failed)
        unlink("\(folder.path)/log")
        stream.write("two\n")
        #expect(stream.writer.drain(now: later).change == .recovered(droppedBytes: 4))
        #expect(stream.text == note(4, "not a directory") + "two\n")
    }

    @Test func `a process that ends during an outage is drained`() throws {
        let stream = try Stream(maximumSize: 1_000)
        symlink("/dev/full", stream.files.current)
        stream.write(numberedLines(0..<1_000))
        stream.close()
        #expect(stream.writer.finish().bytes == numberedLines(0..<1_000).utf8.count)
        #expect(stream.writer.drain().rest == .ended)
    }

    @Test func `a directory that is removed is made again`() throws {
        let folder = try TemporaryFolder()
        let stream = try Stream(maximumSize: 1_000, directory: "\(folder.path)/log")
        stream.pass("one\n")
        unlink(stream.files.current)
        rmdir("\(folder.path)/log")
        stream.pass("two\n")
        #expect(stream.text == "two\n" && stream.writer.outage == nil)
    }

    @Test func `a file that is emptied is written from its beginning`() throws {
        let stream = try Stream(maximumSize: 1_000)
        stream.pass("one\n")
        truncate(stream.files.current, 0)
        stream.pass("two\n")
        #expect(stream.text == "two\n")
    }

    @Test func `a full file that is moved away is replaced by a new one`() throws {
        let stream = try Stream(maximumSize: 8)
        stream.pass("one\nand ")
        rename(stream.files.current, "\(stream.folder.path)/moved")
        stream.pass("two\n")
        #expect(stream.read("moved") == "one\nand " && stream.text == "two\n")
    }

    /// A disk of 64 KiB and a process that writes ten times that; then there is room again.
    @Test func `a full disk drops bytes until it has room`() throws {
        let folder = try TemporaryFolder()
        guard mount("none", folder.path, "tmpfs", 0, "size=64k") == 0 else {
            print("no full disk: mount: \(SystemError.reason(errno))")
            return
        }
        defer { umount2(folder.path, Int32(MNT_DETACH)) }
        try folder.write(String(repeating: "x", count: 20_000), to: "filler")
        let stream = try Stream(maximumSize: 16_384, directory: folder.path)
        let lines = numberedLines(0..<20_000)
        var failures = 0
        var rest = Substring(lines).utf8
        while !rest.isEmpty {
            stream.write(String(decoding: rest.prefix(30_001), as: UTF8.self))
            rest = rest.dropFirst(30_001)
            while true {
                let result = stream.writer.drain()
                if result.change == .failed { failures += 1 }
                if result.bytes == 0 { break }
            }
        }
        #expect(failures == 1)
        let outage = try #require(stream.writer.outage)
        #expect(outage.reason.number == ENOSPC)
        let before = stream.text
        #expect(lines.hasPrefix(before) && before.utf8.count > 30_000)
        #expect(outage.droppedBytes == lines.utf8.count - before.utf8.count)
        unlink("\(folder.path)/filler")
        stream.write(numberedLines(20_000..<20_100))
        stream.close()
        #expect(stream.writer.drain(now: later).change == .recovered(droppedBytes: outage.droppedBytes))
        let torn = before.hasSuffix("\n") ? "" : "\n"
        #expect(
            stream.text == before + torn + note(outage.droppedBytes, "no space left on device")
                + numberedLines(20_000..<20_100))
    }
}
