import JSONCodec
import LinuxSystem
import Model
import Testing

@testable import pmctl

/// What `pmctl top` computes and draws, without a broker.
struct TopModelTests {
    /// A host with two processes. Their processor time is `cpu` after `seconds`.
    private func model(_ readings: [(seconds: Double, cpu: Double)], hosts: Int = 1) -> TopModel {
        var model = TopModel()
        func absorb(_ topic: String, _ text: String) {
            model.absorb(Samples.message(topic, text), at: Samples.start, wallClock: 1_000)
        }
        for number in 1...hosts {
            absorb("pm/h\(number)/status", "online")
            absorb("pm/h\(number)/health", Samples.health("h\(number)"))
            absorb("pm/h\(number)/process/web", Samples.running)
            absorb("pm/h\(number)/process/db", Samples.running.replacing(#""web""#, with: #""db""#))
            absorb("pm/h\(number)/process/job-1", Samples.ended)
            for reading in readings {
                absorb(
                    "pm/h\(number)/usage",
                    """
                    {"host":"h1","timestamp":\(1_000 + reading.seconds),"interval":2,"processes":{\
                    "web":{"cpu_seconds":\(reading.cpu),"memory":1048576,"tasks":3,"open_files":9},\
                    "db":{"cpu_seconds":5,"memory":2097152}}}
                    """)
            }
        }
        return model
    }

    private func rows(_ model: TopModel, by order: TopOrder = TopOrder()) -> [TopModel.Row] {
        model.rows(by: order, at: Samples.start, wallClock: 1_000)
    }

    @Test func `processor time is counted between two reports`() throws {
        let host = try #require(HostName("h1"))
        let one = model([(0, 10)])
        #expect(rows(one).map(\.process.id) == ["db", "web"] && rows(one).allSatisfy { $0.cpu == nil })
        #expect(one.cpu(of: host) == nil && !one.isComplete(host))
        let two = model([(0, 10), (2, 13)])
        #expect(rows(two).map(\.process.id) == ["web", "db"])
        #expect(rows(two).map(\.cpu) == [1.5, 0] && two.cpu(of: host) == 1.5 && two.isComplete(host))
        // A restarted process has less than before, and a report may come twice.
        #expect(rows(model([(0, 10), (2, 1)])).allSatisfy { $0.cpu == nil || $0.cpu == 0 })
        #expect(rows(model([(0, 10), (0, 10)])).allSatisfy { $0.cpu == nil })
    }

    @Test(arguments: [
        (TopOrder.Column.memory, ["db", "web"]), (.tasks, ["web", "db"]), (.files, ["web", "db"]),
        (.name, ["db", "web"]), (.cpu, ["web", "db"]), (.host, ["db", "web"]), (.uptime, ["db", "web"]),
    ]) func `each column sorts, what is unknown last`(column: TopOrder.Column, expected: [String]) {
        let model = model([(0, 10), (2, 13)])
        #expect(rows(model, by: TopOrder(column: column)).map(\.process.id) == expected)
    }

    @Test func `a reversed order begins with the smallest`() {
        let model = model([(0, 10), (2, 13)])
        #expect(rows(model, by: TopOrder(column: .memory, isReversed: true)).map(\.process.id) == ["web", "db"])
    }

    @Test func `a host that goes offline shows no processes`() {
        var model = model([(0, 10), (2, 13)])
        model.absorb(Samples.message("pm/h1/status", "offline"), at: Samples.start, wallClock: 1_000)
        #expect(rows(model).isEmpty && model.hosts.count == 1)
    }

    @Test(arguments: [(80, 24), (80, 8), (200, 60), (20, 3)]) func `a screen has exactly the size of the terminal`(
        columns: Int, rows: Int
    ) throws {
        let model = model([(0, 10), (2, 13)], hosts: 30)
        var scroll = 1_000
        let screen = TopScreen(columns: columns, rows: rows, hasColor: false)
        let lines = screen.lines(
            model, by: TopOrder(), scroll: &scroll, news: nil, at: Samples.start, wallClock: 1_000)
        #expect(lines.count == rows)
        if columns >= 80 { #expect(lines.allSatisfy { Printable.width($0) <= columns }) }
        guard rows >= 24 else { return }
        #expect(lines[0].contains("30 of 30 hosts online, 60 processes"))
        #expect(lines.contains { $0.hasPrefix("and ") && $0.hasSuffix(" more hosts") })
        // The last process is on the last line before the footer.
        #expect(lines[rows - 2].hasPrefix("h9 "))
        #expect(lines[rows - 1].contains("[cpu]") && scroll > 0)
    }

    @Test func `news take the place of the footer`() {
        var scroll = 0
        let lines = TopScreen(columns: 80, rows: 24, hasColor: false).lines(
            model([]), by: TopOrder(), scroll: &scroll, news: "lost the broker", at: Samples.start, wallClock: 1_000)
        #expect(lines.last == "lost the broker")
    }

    @Test func `keys are letters and escape sequences`() {
        #expect(TopKey.parse(Array("cmtfnhurq".utf8)).count == 9)
        #expect(TopKey.parse(Array("m".utf8)) == [.sort(.memory)])
        let sequences = "\u{1B}[A\u{1B}OB\u{1B}[5~\u{1B}[6~\u{1B}[H\u{1B}[F\u{1B}[99x z"
        #expect(TopKey.parse(Array(sequences.utf8)) == [.up, .down, .pageUp, .pageDown, .first, .last, .pageDown])
        #expect(TopKey.parse([0x1B]).isEmpty && TopKey.parse([0x1B, 0x5B]).isEmpty)
    }
}
