import Glibc
import LinuxSystem
import Model
import TestSupport
import Testing

@testable import Logs

/// Reading on from a position, and the arrival times of lines.
struct ReadingTests {
    private func reading(
        _ count: Int = 10_000, limit: Int = 1 << 20, isWhole: Bool = true, since: Double? = nil
    ) -> LogFiles.Reading {
        var reading = LogFiles.Reading(count: count, limit: limit)
        reading.isWhole = isWhole
        reading.since = since
        return reading
    }

    // MARK: Reading on

    @Test func `each line is read once while files rotate and the agent dies`() throws {
        var seed = Seed.fresh()
        for _ in 0..<30 {
            let stream = try Stream(maximumSize: Int.random(in: 60...400, using: &seed))
            let text = numberedLines(0..<400)
            var rest = Substring(text).utf8
            var position: LogPosition?
            var seen: [String] = []
            func readOn() throws {
                let extract = try stream.files.lines(
                    after: position, reading(Int.random(in: 1...50, using: &seed), limit: 2_000))
                #expect(!extract.hasGap, "\(seed)")
                seen += extract.lines.map(\.text)
                position = extract.end
            }
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...300, using: &seed))
                stream.write(String(decoding: piece, as: UTF8.self))
                rest = rest.dropFirst(piece.count)
                while stream.writer.drain(budget: Int.random(in: 1...200, using: &seed)).bytes > 0 {
                    if Bool.random(using: &seed) { try readOn() }
                }
                if Int.random(in: 0..<8, using: &seed) == 0 { stream.replaceWriter() }
            }
            while try stream.files.lines(after: position, reading()).lines.count > 0 { try readOn() }
            #expect(seen == text.split(separator: "\n").map(String.init), "\(seed)")
        }
    }

    @Test func `an unfinished line is returned when it has its end, or at once when its process has ended`()
        throws
    {
        let stream = try Stream(maximumSize: 1_000)
        stream.pass("one\ntw")
        var extract = try stream.files.lines(after: nil, reading())
        #expect(extract.lines.map(\.text) == ["one"] && !extract.hasMore)
        #expect(try stream.files.lastLines(reading(5)) == extract)
        stream.pass("o\nlast")
        let place = extract.end
        extract = try stream.files.lines(after: place, reading())
        #expect(extract.lines.map(\.text) == ["two"])
        extract = try stream.files.lines(after: place, reading(isWhole: false))
        #expect(extract.lines.map(\.text) == ["two", "last"])
        // The next process ends the line that was already returned.
        stream.replaceWriter(beginsProcess: true)
        stream.pass("next\n")
        #expect(try stream.files.lines(after: extract.end, reading()).lines.map(\.text) == ["next"])
    }

    @Test func `lines are returned in parts that fit the limit`() throws {
        let stream = try Stream(maximumSize: 100)
        stream.pass("aaaa\nbbbb\ncccc\n")
        let first = try stream.files.lines(after: nil, reading(limit: 14))
        #expect(first.lines.map(\.text) == ["aaaa", "bbbb"] && first.hasMore)
        let second = try stream.files.lines(after: first.end, reading(limit: 14))
        #expect(second.lines.map(\.text) == ["cccc"] && !second.hasMore)
        #expect(try stream.files.lines(after: nil, reading(2)).lines.map(\.text) == ["aaaa", "bbbb"])
        #expect(try stream.files.lines(after: second.end, reading()).lines.isEmpty)
    }

    @Test func `a line that never fits is returned in parts, without loss`() throws {
        let stream = try Stream(maximumSize: 1 << 20)
        let long = String(repeating: "0123456789", count: 500)
        stream.pass("a\n\(long)\nb\n")
        var position: LogPosition?
        var parts: [String] = []
        while true {
            let extract = try stream.files.lines(after: position, reading(limit: 1_000))
            if extract.lines.isEmpty { break }
            #expect(extract.lines.allSatisfy { $0.text.utf8.count <= 1_000 })
            parts += extract.lines.map(\.text)
            position = extract.end
        }
        #expect(parts.first == "a" && parts.last == "b")
        #expect(parts.dropFirst().dropLast().joined() == long)
    }

    @Test func `a gap is reported if lines were removed before they were read`() throws {
        let stream = try Stream(maximumSize: 16, files: 2)
        stream.pass("one\n")
        let place = try stream.files.lines(after: nil, reading()).end
        for number in 0..<20 { stream.pass("line \(number)\n") }
        let extract = try stream.files.lines(after: place, reading())
        #expect(extract.hasGap && extract.lines.last?.text == "line 19" && extract.lines.count < 20)
        #expect(try !stream.files.lines(after: extract.end, reading()).hasGap)
        stream.files.remove()
        #expect(try stream.files.lines(after: extract.end, reading()) == LogExtract(hasGap: true))
    }

    @Test func `a position is converted to text and back`() {
        let place = LogPosition(file: .init(inode: .max, bornAt: -5), offset: 77)
        #expect(LogPosition(place.description) == place)
        for wrong in ["", "a.b", "a.b.c.d", "a.b.-1", "ä.b.c", "a..c"] { #expect(LogPosition(wrong) == nil) }
    }

    // MARK: Arrival times

    @Test func `a line's time is that of its end`() throws {
        let stream = try Stream(maximumSize: 1_000)
        let begin = WallClock.microseconds
        stream.pass("one\ntw")
        let middle = WallClock.microseconds
        stream.pass("o\n")
        let end = WallClock.microseconds
        let times = try stream.files.lastLines(reading()).lines.map { $0.time ?? 0 }
        #expect(times.count == 2 && begin <= times[0] && times[0] <= middle && middle <= times[1] && times[1] <= end)
        #expect(try stream.files.lines(after: nil, reading()).lines.map(\.time) == times)
        let since = reading(since: Double(times[1]) / 1e6)
        #expect(try stream.files.lastLines(since).lines.map(\.text) == ["two"])
        #expect(try stream.files.lastLines(reading(since: Double(end + 1) / 1e6)).lines.isEmpty)
    }

    @Test(arguments: 1...4) func `after a death at any step of a rotation no line is lost or has a wrong time`(
        files: Int
    ) throws {
        for done in 0...8 {
            let stream = try Stream(maximumSize: 16, files: files)
            var bounds: [String: ClosedRange<Int64>] = [:]
            for number in 0..<12 {
                let line = "line \(number)"
                let begin = WallClock.microseconds
                stream.pass("\(line)\n")
                bounds[line] = begin...WallClock.microseconds
                if let size = stream.size("a.stdout"), size >= 16, number == 7 {
                    for step in try stream.files.rotationSteps().prefix(done) { try stream.files.perform(step) }
                    stream.replaceWriter()
                }
            }
            let lines = try stream.files.lastLines(reading()).lines
            #expect(lines.last?.text == "line 11")
            for line in lines {
                guard let time = line.time, let bound = bounds[line.text] else { continue }
                #expect(bound.contains(time), "\(line.text) after \(done) steps")
            }
            #expect(lines.last?.time != nil)
        }
    }

    @Test func `a missing, torn or wrong index loses times but no lines`() throws {
        let stream = try Stream(maximumSize: 1_000)
        for number in 0..<4 { stream.pass("line \(number)\n") }
        let index = "\(stream.files.directory)/a.stdout.times"
        #expect(stream.size("a.stdout.times") == 5 * 16)
        let known = try stream.files.lastLines(reading()).lines.map(\.time)
        #expect(!known.contains(nil))
        truncate(index, 3 * 16 + 7)
        #expect(try stream.files.lastLines(reading()).lines.map(\.time) == [known[0], known[1], known[1], known[1]])
        truncate(index, 9)
        #expect(try stream.files.lastLines(reading()).lines.map(\.time) == [nil, nil, nil, nil])
        unlink(index)
        #expect(try stream.files.lastLines(reading()).lines.map(\.text).count == 4)
        // As with a log of an earlier agent version without an index: only new lines have times.
        stream.replaceWriter()
        stream.pass("line 4\n")
        #expect(
            try stream.files.lastLines(reading()).lines.map { $0.time != nil } == [false, false, false, false, true])
    }

    @Test func `the index is bounded, and is removed with its file`() throws {
        let stream = try Stream(maximumSize: 100_000, files: 2)
        for _ in 0..<12_000 { stream.pass("x\n") }
        let most = max(Limits.leastLogArrivals, 100_000 / 16)
        #expect(try #require(stream.size("a.stdout.times")) <= (1 + most + 100_000 / Limits.logArrivalStep) * 16)
        stream.pass(String(repeating: "0123456789\n", count: 30_000))
        #expect(
            TemporaryFolder.names(in: stream.files.directory) == [
                "a.stdout", "a.stdout.1", "a.stdout.1.times", "a.stdout.times",
            ])
        stream.files.remove()
        #expect(TemporaryFolder.names(in: stream.files.directory).isEmpty)
    }

    @Test func `a file that another program shortened keeps no times of its old content`() throws {
        let stream = try Stream(maximumSize: 1_000)
        stream.pass("one\ntwo\nthree\n")
        truncate(stream.files.current, 0)
        let begin = WallClock.microseconds
        stream.pass("four\n")
        let lines = try stream.files.lastLines(reading()).lines
        #expect(lines.map(\.text) == ["four"] && lines[0].time ?? 0 >= begin)
    }

    // MARK: Both streams

    private func extract(_ lines: [(String, Int64?)], hasMore: Bool = false) -> LogExtract {
        var extract = LogExtract(hasMore: hasMore)
        for (index, line) in lines.enumerated() {
            let end = LogPosition(file: .init(inode: 1, bornAt: 1), offset: index + 1)
            extract.lines.append(.init(text: line.0, time: line.1, end: end))
        }
        return extract
    }

    @Test func `streams are merged by time, each in its order, stdout first`() {
        var first = extract([("a", nil), ("c", 5), ("d", 9), ("e", 7)])
        var second = extract([("b", 4), ("x", 5), ("y", nil), ("z", 10)])
        let order = LogExtract.merge(&first, &second)
        var (left, right) = (first.lines.map(\.text)[...], second.lines.map(\.text)[...])
        #expect(
            order.map { $0 ? left.removeFirst() : right.removeFirst() } == ["a", "b", "c", "x", "y", "d", "e", "z"])
    }

    @Test func `no line is returned before an earlier one that has still to be read`() {
        var first = extract([("a", 1), ("b", 3)], hasMore: true)
        var second = extract([("x", 2), ("y", 3), ("z", 4)])
        #expect(LogExtract.merge(&first, &second) == [true, false, true])
        #expect(second.lines.map(\.text) == ["x"] && second.hasMore)
    }
}

extension LogExtract {
    fileprivate init(hasGap: Bool = false, hasMore: Bool = false) {
        self.init()
        self.hasGap = hasGap
        self.hasMore = hasMore
    }
}
