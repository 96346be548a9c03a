import JSONCodec
import LinuxSystem
import Model
import Testing

@testable import pmctl

/// The exact text of all tables and cards.
struct ViewTests {
    private let fleet = Samples.fleet([
        ("pm/alpha/status", "online"), ("pm/alpha/health", Samples.health("alpha")),
        ("pm/beta/status", "online"),
        ("pm/beta/health", Samples.health("beta", reasons: ["process db failed: exec format error"])),
        ("pm/gamma/status", "offline"), ("pm/gamma/health", Samples.health("gamma")),
        ("pm/delta/status", "online"), ("pm/delta/health", Samples.health("delta", said: 970)),
        ("pm/new/status", "online"),
    ])

    @Test func hosts() {
        #expect(
            HostTableView.make(fleet.all, at: Samples.start).lines(for: .narrow(80)) == [
                "HOST   STATUS   HEALTH  UPTIME  RUNNING  FAILED  TOTAL  LOAD  VERSION",
                "alpha  online   good     3d 4h       12       0     14  0.42  0.1.0",
                "beta   online   bad      3d 4h       12       1     14  0.42  0.1.0",
                "delta  online   stale    3d 4h       12       0     14  0.42  0.1.0",
                "gamma  offline  -            -        -       -      -     -  -",
                "new    online   -            -        -       -      -     -  -",
            ])
    }

    @Test func health() {
        #expect(
            HealthTable.make(fleet.all, at: Samples.start, wallClock: 1_005).lines(for: .narrow(60)) == [
                "HOST   HEALTH     SAID  LOAD     FREE  REASONS",
                "alpha  good     5s ago  0.42  4.5 GiB  -",
                "beta   bad      5s ago  0.42  4.5 GiB  process db failed: e…",
                "delta  stale   35s ago  0.42  4.5 GiB  -",
                "gamma  -        5s ago     -        -  host offline",
                "new    -             -     -        -  no health report",
            ])
    }

    @Test func `health of one host`() throws {
        let beta = try #require(fleet.all.first { $0.name.description == "beta" })
        #expect(
            HealthCard.make(beta, at: Samples.start, wallClock: 1_005).lines(for: .plain) == [
                "host       beta",
                "status     online",
                "health     bad",
                "reason     process db failed: exec format error",
                "said       5s ago",
                "uptime     3d 4h",
                "version    0.1.0",
                "load       0.42 0.30 1.00",
                "cpus       4",
                "memory     4.5 GiB free of 8.0 GiB",
                "processes  12 running, 1 failed, 14 in all",
            ])
    }

    @Test func `processes of one host`() throws {
        let rows = try [Samples.ended, Samples.failed, Samples.running].map { try Samples.row("alpha", $0) }
        #expect(
            ProcessTableView.make(rows, showsHost: false, wallClock: 1_000).lines(for: .narrow(80)) == [
                "PROCESS  STATE     PID  UPTIME  RESTARTS  EXIT              COMMAND",
                "job-1    exited      -       -         0  143 (terminated)  sh -c 'exit 3'",
                "db       failed      -       -         0  -                 db",
                "web      running  4321  8m 20s         2  -                 python3 -m http.ser…",
            ])
    }

    @Test func `processes of all hosts`() throws {
        let rows = [
            try Samples.row("alpha", Samples.running), try Samples.row("gamma", Samples.running, isOnline: false),
        ]
        #expect(
            ProcessTableView.make(rows, showsHost: true, wallClock: 1_000).lines(for: .narrow(80)) == [
                "HOST   PROCESS  STATE      PID  UPTIME  RESTARTS  EXIT  COMMAND",
                "alpha  web      running   4321  8m 20s         2  -     python3 -m http.server …",
                "gamma  web      running?  4321       -         2  -     python3 -m http.server …",
            ])
    }

    @Test func `a process that waits for its first start is scheduled, and each host has its own clock`() throws {
        let waiting = """
            {"process_id":"tidy","driver":"exec","state":"exited","want":"up","command":"find /tmp","restarts":0,\
            "runs":0,"next_start":90000}
            """
        let rows = [
            try Samples.row("alpha", waiting),
            try Samples.row("alpha", waiting.replacing(#""runs":0"#, with: #""runs":1"#)),
            // This host's clock is in 1970, the local one in 2026.
            ProcessTableView.Row(
                host: try #require(HostName("beta")), isOnline: true, process: try Samples.process(Samples.running),
                hostTime: 590),
        ]
        #expect(
            ProcessTableView.make(rows, showsHost: false, wallClock: 1.8e9).lines(for: .narrow(80)) == [
                "PROCESS  STATE       PID  UPTIME  RESTARTS  EXIT  COMMAND",
                "tidy     scheduled     -       -         0  -     find /tmp",
                "tidy     exited        -       -         0  -     find /tmp",
                "web      running    4321  1m 30s         2  -     python3 -m http.server --dire…",
            ])
        let card = ProcessCard.make(
            try Samples.process(waiting), of: try #require(HostName("alpha")), wallClock: 1_000)
        #expect(card.lines(for: .plain).contains("state     scheduled"))
        #expect(card.lines(for: .plain).contains("runs      0"))
        // A host's clock counts as the local one unless its health report differs by more than its lifetime.
        var host = HostReport(try #require(HostName("beta")))
        #expect(host.time(wallClock: 1.8e9) == 1.8e9)
        host.health = try HealthReport(Samples.json(Samples.health("beta", said: 590)))
        #expect(host.time(wallClock: 1.8e9) == 590 && host.time(wallClock: 600) == 600)
    }

    @Test func `one process`() throws {
        let card = ProcessCard.make(
            try Samples.process(Samples.failed), of: try #require(HostName("alpha")), wallClock: 1_000)
        #expect(
            card.lines(for: .plain) == [
                "process   db",
                "host      alpha",
                "state     failed",
                "wanted    up",
                "error     exec format error",
                "restarts  0",
                "driver    exec",
                "command   db",
            ])
    }

    @Test func `one process with all fields`() throws {
        let text = """
            {"process_id":"job","state":"exited","want":"up","healthy":false,"waits_for":["a","b"],"left_behind":{"count":2,"names":["sleep","sh"]},\
            "next_start":90000,"command":"job",\
            "config":{"name":"job","command":["job"],"schedule":"@daily","env":{"A":"1","K":{"file":"/k"}},\
            "health_check":{"command":["a","b"],"retries":1},"persist":true,"stdin":"x\\ny"}}
            """
        let card = ProcessCard.make(
            try Samples.process(text), of: try #require(HostName("alpha")), wallClock: 1_000)
        #expect(
            card.lines(for: .plain).filter { !$0.hasPrefix("next") } == [
                "process       job",
                "host          alpha",
                "state         exited",
                "wanted        up",
                "waits for     a b",
                "healthy       no",
                "left behind   2 processes: sleep, sh",
                "command       job",
                "schedule      @daily",
                "env           A 1, K file /k",
                "health_check  command a b, retries 1",
                "persist       true",
                "stdin         x\\ny",
            ])
        #expect(card.fields.contains { $0.name == "next" && $0.value.text == Quantity.time(90_000, isFull: true) })
    }

    @Test func `JSON has the field names of the messages`() throws {
        let delta = try #require(fleet.all.first { $0.name.description == "delta" })
        let json = delta.json(at: Samples.start)
        #expect(json.members?.prefix(4).map(\.key) == ["host", "status", "stale", "health"])
        #expect(json["stale"] == true)
        #expect(json["memory_total"] == .number(8_589_934_592))
        let process = try Samples.row("alpha", Samples.ended)
        let entry = process.process.json(of: process.host, isOnline: true)
        #expect(entry["host"] == "alpha")
        #expect(entry["exit_code"] == .number(143))
    }
}
