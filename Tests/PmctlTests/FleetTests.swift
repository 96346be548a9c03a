import LinuxSystem
import Model
import Testing

@testable import pmctl

struct FleetTests {
    /// The lines that `watch` prints for these messages; repetitions give none.
    private func lines(_ messages: [(topic: String, text: String)]) -> [String] {
        var fleet = Fleet()
        return messages.compactMap { topic, text in
            let message = Samples.message(topic, text, isRetained: false)
            let change = fleet.absorb(message, at: Samples.start, wallClock: 1_000)
            return change.flatMap { $0.isNews ? ChangeLine.text($0, time: "12:00:00", for: .plain) : nil }
        }
    }

    @Test func `a change is printed, a repetition is not`() {
        let bad = Samples.health("a", reasons: ["process db failed", "disk full"])
        #expect(
            lines([
                ("pm/a/status", "online"), ("pm/a/status", "online"), ("pm/a/health", Samples.health("a")),
                ("pm/a/health", Samples.health("a")), ("pm/a/health", bad), ("pm/a/health", bad),
                ("pm/a/process/web", Samples.running), ("pm/a/process/web", Samples.running),
                ("pm/a/process/web", Samples.ended), ("pm/a/process/db", Samples.failed), ("pm/a/process/web", ""),
                ("pm/a/process/web", ""), ("pm/a/status", "offline"),
            ]) == [
                "12:00:00  a  online",
                "12:00:00  a  health good",
                "12:00:00  a  health bad: process db failed; disk full",
                "12:00:00  a  process web running, pid 4321",
                "12:00:00  a  process web exited, exit code 143 (terminated)",
                "12:00:00  a  process db failed, exec format error",
                "12:00:00  a  process web forgotten",
                "12:00:00  a  offline",
            ])
    }

    @Test(arguments: [
        ("pm/a/health", "not JSON"), ("pm/a/health", "[]"), ("pm/a/health", #"{"health":"fine"}"#), ("pm/a/status", ""),
        ("pm/a/status", "asleep"), ("pm/a/process/x", "{}"), ("pm/a/response", "{}"), ("pm/hub/status", "online"),
        ("pm/a b/status", "online"), ("other", "online"),
    ])
    func `a message that is no valid report changes nothing`(topic: String, text: String) {
        let fleet = Samples.fleet([(topic, text)])
        #expect(fleet.all.isEmpty)
    }

    @Test func `a host that is silent for two and a half intervals becomes stale once`() {
        var fleet = Samples.fleet([("pm/a/status", "online"), ("pm/a/health", Samples.health("a", said: 990))])
        #expect(fleet.nextStale == Samples.start + .seconds(15))
        #expect(fleet.takeStale(at: Samples.start + .seconds(14)).isEmpty)
        #expect(fleet.takeStale(at: Samples.start + .seconds(15)).map(\.host.description) == ["a"])
        #expect(fleet.takeStale(at: Samples.start + .seconds(16)).isEmpty)
        #expect(fleet.nextStale == nil)
        let again = Samples.message("pm/a/health", Samples.health("a"), isRetained: false)
        let change = fleet.absorb(again, at: Samples.start + .seconds(20), wallClock: 1_020)
        #expect(change?.isNews == true)
        #expect(fleet.nextStale == Samples.start + .seconds(45))
    }

    @Test func `an offline host is not stale`() {
        var fleet = Samples.fleet([("pm/a/status", "offline"), ("pm/a/health", Samples.health("a", said: 0))])
        #expect(fleet.nextStale == nil)
        #expect(fleet.takeStale(at: Samples.start + .seconds(100)).isEmpty)
    }

    @Test func `a timestamp in the future and a huge interval do no harm`() {
        let fleet = Samples.fleet([
            ("pm/a/status", "online"), ("pm/a/health", Samples.health("a", said: 1e18, interval: 1e300)),
        ])
        #expect(fleet.all.first?.isStale(at: Samples.start) == false)
    }

    @Test func `the current state leaves out ended processes`() {
        let fleet = Samples.fleet([
            ("pm/a/status", "online"), ("pm/a/health", Samples.health("a")), ("pm/a/process/web", Samples.running),
            ("pm/a/process/job-1", Samples.ended), ("pm/b/status", "offline"), ("pm/b/process/web", Samples.running),
        ])
        #expect(
            fleet.present.map { ChangeLine.text($0, time: "-", for: .plain) } == [
                "-  a  online", "-  a  health good", "-  a  process web running, pid 4321", "-  b  offline",
            ])
    }

    @Test func `the error about an unknown host lists the known ones`() throws {
        let host = try #require(HostName("nix"))
        #expect(Fleet.unknown(host, among: []) == "no such host: nix (the broker knows no hosts)")
        let many = (1...9).compactMap { HostName("h\($0)") }
        #expect(Fleet.unknown(host, among: many) == "no such host: nix (hosts: h1, h2, h3, h4, h5, h6, h7, h8, …)")
    }
}
