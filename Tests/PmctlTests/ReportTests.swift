import Glibc
import JSONCodec
import TestSupport
import Testing

/// The reports of pmctl end to end: the built pmctl, a real broker and fake agents.
@Suite(.serialized) struct ReportTests {
    private func fleet(_ broker: Broker) async throws -> [FakeAgent] {
        let alpha = try await FakeAgent(broker)
        // With a timestamp long ago, so that the host is stale.
        try await alpha.say("health", Samples.health("alpha"))
        try await alpha.say("process/web", Samples.running)
        try await alpha.say("process/job-1", Samples.ended)
        let beta = try await FakeAgent(broker, "beta", status: "offline")
        try await beta.say("process/db", Samples.failed)
        return [alpha, beta]
    }

    @Test func hosts() async throws {
        try await withBroker { broker in
            let agents = try await fleet(broker)
            let result = try await Pmctl(broker).run("hosts")
            #expect(
                result.lines == [
                    "HOST   STATUS   HEALTH  UPTIME  RUNNING  FAILED  TOTAL  LOAD  VERSION",
                    "alpha  online   stale    3d 4h       12       0     14  0.42  0.1.0",
                    "beta   offline  -            -        -       -      -     -  -",
                ])
            #expect(result.errors.isEmpty)
            let json = try Samples.json(try await Pmctl(broker).run("hosts", "--json").output)
            #expect(json.array?.map { $0["host"] } == ["alpha", "beta"])
            #expect(json.array?.map { $0["status"] } == ["online", "offline"])
            withExtendedLifetime(agents) {}
        }
    }

    @Test func `processes of all hosts`() async throws {
        try await withBroker { broker in
            let agents = try await fleet(broker)
            let result = try await Pmctl(broker).run("ps")
            let words = result.lines.map { $0.split(separator: " ").prefix(3).joined(separator: " ") }
            #expect(words == ["HOST PROCESS STATE", "alpha job-1 exited?", "alpha web running?", "beta db failed?"])
            let json = try Samples.json(try await Pmctl(broker).run("ps", "--json").output)
            #expect(json.array?.map { $0["process_id"] } == ["job-1", "web", "db"])
            #expect(json.array?.map { $0["online"] } == [true, true, false])
            withExtendedLifetime(agents) {}
        }
    }

    @Test func `more retained messages arrive than the broker may queue for a client`() async throws {
        try await withBroker(.init(tcp: true, extra: ["max_queued_messages 100"])) { broker in
            let agent = try await FakeAgent(broker)
            for number in 1...300 {
                try await agent.client.publish("pm/alpha/process/p\(number)", Self.entry(number), retain: true)
            }
            let result = try await Pmctl(url: broker.tcpURL).run("ps", "--json")
            #expect(try Samples.json(result.output).array?.count == 300)
        }
    }

    private static func entry(_ number: Int) -> [UInt8] {
        Array(#"{"process_id":"p\#(number)","state":"running"}"#.utf8)
    }

    @Test func `one host or one process is requested from the agent`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let entries: JSON = .array([try Samples.json(Samples.ended), try Samples.json(Samples.running)])
            let list = try Pmctl(broker).start(["ps", "alpha"])
            #expect(try await agent.answerNext(["status": "success", "process": entries])["method"] == "get_processes")
            #expect(try await list.result().lines.count == 3)
            for word in ["web", "4321"] {
                let status = try Pmctl(broker).start(["status", "alpha", word])
                let entry = try Samples.json(Samples.running)
                let process = JSON.object((entry.members ?? []) + [.init("config", ["restart": ["policy": "always"]])])
                let request = try await agent.answerNext(["status": "success", "process": process])
                #expect(request["method"] == "get_process")
                #expect(request["args"]?["process_id"] == (word == "web" ? "web" : .number(4321)))
                let result = try await status.result()
                #expect(result.lines.contains("process   web"))
                #expect(result.lines.contains("restart   policy always"))
                #expect(result.exitCode == 0)
            }
            let status = try Pmctl(broker).start(["status", "alpha", "nix"])
            try await agent.answerNext([
                "status": "failed", "message": "unable to get process",
                "error": ["code": "no_such_process", "detail": "no such process: nix"],
            ])
            let result = try await status.result()
            #expect(result.errors == "pmctl: no such process: nix (pmctl ps alpha lists its processes)\n")
            #expect(result.exitCode == 4)
        }
    }

    @Test func `an agent without get_process is asked for all its processes`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let entries: JSON = .array([try Samples.json(Samples.ended), try Samples.json(Samples.running)])
            for (word, exitCode) in [("web", 0), ("4321", 0), ("nix", 4), ("4322", 4)] as [(String, Int32)] {
                let status = try Pmctl(broker).start(["status", "alpha", word])
                try await agent.answerNext([
                    "status": "failed", "message": "unknown method",
                    "error": ["code": "unknown_method", "detail": "x"],
                ])
                try await agent.answerNext(["status": "success", "process": entries])
                let result = try await status.result()
                #expect(result.exitCode == exitCode)
                #expect(result.output.contains("process   web") == (exitCode == 0))
                #expect(result.errors.hasPrefix("pmctl: no such") == (exitCode != 0))
            }
        }
    }

    @Test func health() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            try await agent.say("health", Samples.health("alpha", reasons: ["disk full"], said: Double(time(nil) + 3)))
            let all = try await Pmctl(broker).run("health")
            #expect(all.lines.last == "alpha  bad     0s ago  0.42  4.5 GiB  disk full")
            let one = try await Pmctl(broker).run("health", "alpha")
            #expect(one.lines.contains("reason     disk full"))
            let json = try Samples.json(try await Pmctl(broker).run("health", "alpha", "--json").output)
            #expect(json["reasons"] == ["disk full"])
            #expect(json["status"] == "online")
            #expect(json["stale"] == false)
        }
    }

    @Test func `on a terminal output has colours and is cut to its width`() async throws {
        try await withBroker { broker in
            let agents = try await fleet(broker)
            try await agents[0].say("health", Samples.health("alpha", said: 4e9))
            let narrow = try await Pmctl(broker).run(onTerminal: 75, "NO_COLOR=1 $PMCTL ps")
            #expect(narrow.output.split(separator: "\r\n").allSatisfy { $0.count <= 75 })
            #expect(narrow.output.contains("…"))
            #expect(!narrow.output.contains("\u{1B}"))
            let colored = try await Pmctl(broker).run(onTerminal: 75, "$PMCTL ps")
            #expect(colored.output.contains("\u{1B}[32mrunning\u{1B}[0m"))
            let piped = try await Pmctl(broker).run(onTerminal: 75, "$PMCTL ps | cat")
            #expect(!piped.output.contains("\u{1B}"))
            #expect(!piped.output.contains("…"))
            withExtendedLifetime(agents) {}
        }
    }
}
