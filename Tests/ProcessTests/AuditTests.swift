import Glibc
import TestSupport
import Testing

/// The audit log: each request with its requester and its result.
@Suite(.serialized) struct AuditTests {
    private func lines(_ bench: AgentBench) -> [JSONValue] {
        bench.agent.folder.read("state/audit.log").split(separator: "\n").compactMap { try? JSONValue(String($0)) }
    }

    @Test func `every request is a line: carried out, refused, duplicate or malformed`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(config: #"{"name":"web","command":"sleep 1000"}"#)
            _ = try await bench.method("start_process", #"{"config":{"name":"web","command":"sleep 1"}}"#)
            let kill = #"{"method":"kill_process","args":{"process_id":"web"},"id":"k\n1","timestamp":\#(time(nil))}"#
            for _ in 0..<2 { _ = try await bench.ask(kill) }
            _ = try await bench.ask(#"{"stop_process":{"pid":1}}"#)
            _ = try await bench.ask("{nonsense")
            let lines = lines(bench)
            #expect(
                lines.map { $0["request"] } == [
                    "start_process", "start_process", "kill_process", "kill_process", "stop_process", "something",
                ])
            #expect(
                lines.map { $0["result"] } == [
                    "success", "name_in_use", "success", "duplicate", "no_such_process", "malformed_request",
                ])
            #expect(lines.prefix(5).map { $0["subject"] } == ["web", "web", "web", "web", "1"])
            #expect(
                lines.allSatisfy { $0["time"]?.number != nil && $0["reply_to"]?.string?.hasPrefix("pm/reply/") == true }
            )
            #expect(lines[2]["id"] == "k\n1")
            #expect(lines[1]["detail"]?.string?.contains("in use") == true)
        }
    }

    @Test func `four files of 4 MiB are kept, and the oldest is removed`() async throws {
        try await withBroker { broker in
            let agent = try AgentProcess(url: broker.url)
            mkdir(agent.stateDirectory, 0o700)
            let full = String(repeating: String(repeating: "x", count: 1_023) + "\n", count: 4_096)
            for (name, text) in [
                ("audit.log", full), ("audit.log.1", "1\n" + full), ("audit.log.2", "2\n"), ("audit.log.3", "3\n"),
            ] {
                try agent.folder.write(text, to: "state/\(name)")
            }
            try agent.start()
            defer { agent.kill() }
            let client = try await TestClient(broker)
            try await client.subscribe("pm/reply/#")
            try await client.subscribe("pm/h1/response")
            let bench = AgentBench(broker: broker, agent: agent, client: client, version: .v5)
            try await bench.isOnline()
            _ = try await bench.method("get_health")
            let names = TemporaryFolder.names(in: agent.stateDirectory).filter { $0.hasPrefix("audit") }
            #expect(names.sorted() == ["audit.log", "audit.log.1", "audit.log.2", "audit.log.3"])
            #expect(agent.folder.read("state/audit.log").hasPrefix(#"{"time""#))
            #expect(agent.folder.read("state/audit.log.1") == full)
            #expect(agent.folder.read("state/audit.log.3") == "2\n")
            try await agent.stop()
        }
    }

    @Test func `no secret of a request is in the log`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.command(["sleep", "1000"]).env(["KEY": "hunter2"]).with("stdin", "hunter3"))
            #expect(!bench.agent.folder.read("state/audit.log").contains("hunter"))
        }
    }

    @Test func `lines are published if audit_topic is set`() async throws {
        try await withAgent(.init(configuration: #"{"audit_topic":true}"#)) { bench in
            let watcher = try await bench.watcher(of: bench.topic("audit"))
            _ = try await bench.method(.killProcess("nobody"))
            let line = try await watcher.next { _ in true }
            #expect(!line.isRetained)
            #expect(try line.value["request"] == "kill_process" && line.value["result"] == "no_such_process")
        }
    }

    @Test func `a line is short, whatever the request`() async throws {
        try await withAgent { bench in
            // One character to Swift, 100 KB on a disk.
            let method = "e" + String(repeating: "\u{301}", count: 50_000)
            _ = try await bench.ask(#"{"method":"\#(method)","id":"\#(String(repeating: "i", count: 256))"}"#)
            #expect(lines(bench).count == 1)
            #expect(bench.agent.folder.read("state/audit.log").utf8.count < 2_048)
        }
    }

    @Test func `a write error is a health reason, and requests don't wait`() async throws {
        try await withAgent { bench in
            let path = "\(bench.agent.stateDirectory)/audit.log"
            remove(path)
            mkdir(path, 0o700)
            #expect(try await bench.method("get_processes")["status"] == "success")
            #expect(
                try await bench.method("get_health")["reasons"]?.array?.first?.string?.contains("audit.log") == true)
            rmdir(path)
            _ = try await bench.method("get_processes")
            #expect(try await bench.method("get_health")["health"] == "good")
        }
    }
}
