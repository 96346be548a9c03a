import Foundation
import Glibc
import JSONCodec
import TestSupport
import Testing

/// `pmctl top` end to end: with an agent that the test plays, and on a real terminal.
@Suite(.serialized) struct TopTests {
    /// Runs `body` with an online host `alpha`, which has a process and answers requests for usage.
    private func withHost(_ body: @escaping @Sendable (Broker, TestClient) async throws -> Void) async throws {
        try await withBroker { broker in
            let client = try await TestClient(broker)
            for topic in ["watch", "control"] { try await client.subscribe("pm/alpha/\(topic)") }
            try await present(client)
            let answering = Task {
                while true { try await Self.answer(client) }
            }
            defer { answering.cancel() }
            try await body(broker, client)
        }
    }

    private func present(_ client: TestClient) async throws {
        try await client.publish("pm/alpha/status", "online", retain: true)
        try await client.publish("pm/alpha/health", Samples.health("alpha"), retain: true)
        try await client.publish("pm/alpha/process/web", Samples.running, retain: true)
    }

    /// Answers a request to follow, with two reports half a second of processor time apart.
    private static func answer(_ client: TestClient) async throws {
        let request = try Samples.json(try await client.next(on: "pm/alpha/watch").text)
        guard request["method"] == "follow_usage" else { return }
        #expect(request["args"]?["follower"]?.string?.hasPrefix("pmctl-") == true)
        #expect(request["args"]?["seconds"]?.number == 60)
        let topic = try #require(request["reply_to"]?.string)
        try await client.publish(
            topic, JSON.object([.init("request", request), .init("result", ["status": "success"])]).printed())
        for (time, cpu) in [(1_000.0, 10.0), (1_001.0, 10.5)] {
            try await client.publish(
                "pm/alpha/usage",
                """
                {"host":"alpha","timestamp":\(time),"interval":1,"processes":{"web":{"cpu_seconds":\(cpu),\
                "memory":1048576,"tasks":3,"open_files":9}}}
                """)
        }
    }

    @Test func `--once prints one table, and JSON has an object for each process`() async throws {
        try await withHost { broker, _ in
            let table = try await Pmctl(broker).run("top", "--once")
            #expect(table.exitCode == 0 && table.errors.isEmpty)
            let row = table.lines.last?.split(separator: " ").map(String.init) ?? []
            #expect(row.prefix(8) == ["alpha", "web", "running?", "50.0%", "1.0", "MiB", "3", "9"], "\(table.output)")
            let json = try Samples.json(try await Pmctl(broker).run("top", "alpha", "--once", "--json").output)
            #expect(json.array?.count == 1 && json.array?[0]["cpu"]?.number == 0.5)
            #expect(json.array?[0]["usage"]?["tasks"]?.number == 3 && json.array?[0]["process_id"] == "web")
        }
    }

    @Test func `top and ps --usage show what real processes use`() async throws {
        try await withAgent { bench in
            let pmctl = Pmctl(bench.broker)
            _ = try await pmctl.run("start", "h1", "--name", "busy", "--", "sh", "-c", "while :; do :; done")
            _ = try await pmctl.run("start", "h1", "--name", "idle", "--", "sleep", "1000")
            let top = try Samples.json(try await pmctl.run("top", "--once", "--json", "--timeout", "60").output)
            let rows = try #require(top.array)
            #expect(rows.map { $0["process_id"] } == ["busy", "idle"])
            #expect(rows[0]["cpu"]?.number ?? 0 > 0 && rows[1]["cpu"]?.number == 0)
            #expect(rows.allSatisfy { $0["usage"]?["tasks"]?.number == 1 && $0["usage"]?["memory"]?.number ?? 0 > 0 })
            for line in [["ps", "h1", "--usage"], ["ps", "--usage"]] {
                let list = try await pmctl.start(line).result()
                #expect(list.lines[0].contains("UPTIME  ") && list.lines[0].contains("CPU TIME  "), "\(list)")
                #expect(list.lines.dropFirst().allSatisfy { $0.contains("%") && $0.contains("iB") }, "\(list)")
            }
            let json = try Samples.json(try await pmctl.run("ps", "h1", "--usage", "--json").output)
            #expect(json.array?[0]["usage"]?["cpu_seconds"]?.number ?? 0 > 0)
        }
    }

    @Test func `without a terminal, an unknown host, and an agent without usage`() async throws {
        try await withBroker { broker in
            let plain = try await Pmctl(broker).run("top")
            #expect(plain.exitCode == 111 && plain.errors.contains("top needs a terminal; pmctl top --once"))
            let agent = try await FakeAgent(broker)
            try await agent.client.subscribe("pm/alpha/watch")
            try await agent.say("process/web", Samples.running)
            let run = try Pmctl(broker).start(["top", "--once", "--timeout", "60"])
            let request = try Samples.json(try await agent.client.next(on: "pm/alpha/watch").text)
            try await agent.answer(request, ["status": "failed", "error": ["code": "unknown_method", "detail": "no"]])
            let result = try await run.result()
            #expect(result.exitCode == 0 && result.lines.last?.contains("web") == true)
            #expect(try await Pmctl(broker).run("top", "beta", "--once").errors.contains("no such host: beta"))
        }
    }

    private func start(_ terminal: PseudoTerminal, _ broker: Broker) throws -> Pmctl.Run {
        try Pmctl(broker).start(
            terminal, ["/usr/bin/env", "TERM=xterm", "PM_BROKER=\(broker.url)", try Binaries.pmctl, "top"])
    }

    private func showsUsage(_ terminal: PseudoTerminal) async throws {
        try await terminal.shows("the processor time") {
            $0.screen.contains { $0.contains("web") && $0.contains("50.0%") }
        }
    }

    @Test func `it fills the terminal, follows its size and the keys, and restores it`() async throws {
        try await withHost { broker, _ in
            let terminal = try PseudoTerminal(columns: 80, rows: 24)
            let run = try start(terminal, broker)
            try await showsUsage(terminal)
            try await terminal.shows("24 lines of 80 columns") { terminal in
                terminal.screen.count == 24 && terminal.screen.allSatisfy { $0.count <= 80 }
            }
            #expect(!terminal.isOrdinary && terminal.output.contains("\u{1B}[?1049h\u{1B}[?25l"))
            terminal.resize(columns: 120, rows: 40)
            try await terminal.shows("40 lines") { $0.screen.count == 40 }
            terminal.press("m")
            try await terminal.shows("the order") { $0.screen.last?.contains("[memory]") == true }
            terminal.press("q")
            #expect(try await run.result().exitCode == 0)
            #expect(terminal.isOrdinary && terminal.output.hasSuffix("\u{1B}[?25h\u{1B}[?1049l"))
        }
    }

    @Test func `Ctrl-C and signals restore the terminal, too`() async throws {
        try await withHost { broker, _ in
            let terminal = try PseudoTerminal(columns: 80, rows: 24)
            let run = try start(terminal, broker)
            try await showsUsage(terminal)
            terminal.press("\u{3}")
            #expect(try await run.result().exitCode == 0)
            #expect(terminal.isOrdinary && terminal.output.hasSuffix("\u{1B}[?25h\u{1B}[?1049l"))

            let second = try start(terminal, broker)
            try await terminal.shows("the second screen") { $0.output.components(separatedBy: "[?1049h").count == 3 }
            let path = try Binaries.pmctl
            let pmctl = SystemProcess.all.first {
                $0.arguments == [path, "top"] && $0.environment.contains("PM_BROKER=\(broker.url)")
            }
            try #require(pmctl).kill(SIGTERM)
            #expect(try await second.result().exitCode == 128 + SIGTERM)
            #expect(terminal.isOrdinary && terminal.output.hasSuffix("\u{1B}[?25h\u{1B}[?1049l"))
        }
    }

    @Test func `a restart of the broker is told on the screen, and usage comes again`() async throws {
        try await withBroker(.init(persistence: true)) { broker in
            var client = try await TestClient(broker)
            try await client.subscribe("pm/alpha/watch")
            try await present(client)
            let terminal = try PseudoTerminal(columns: 80, rows: 24)
            let run = try start(terminal, broker)
            try await Self.answer(client)
            try await showsUsage(terminal)
            try await broker.stop()
            try await terminal.shows("the loss") { $0.screen.last?.contains("lost the broker") == true }
            try await broker.start()
            client = try await TestClient(broker)
            try await client.subscribe("pm/alpha/watch")
            try await present(client)
            try await Self.answer(client)
            try await terminal.shows("the end of the loss") { $0.screen.last?.contains("[cpu]") == true }
            terminal.press("q")
            #expect(try await run.result().exitCode == 0)
        }
    }
}
