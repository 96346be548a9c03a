import JSONCodec
import TestSupport
import Testing

/// Requests to several processes and hosts end to end: the built pmctl, a real broker and fake agents.
@Suite(.serialized) struct ManyTests {
    private func host(_ broker: Broker, _ name: String, rack: String, _ processes: [String]) async throws -> FakeAgent {
        let agent = try await FakeAgent(broker, name)
        try await agent.say("info", #"{"version":"0.3.0","labels":{"rack":"\#(rack)"}}"#)
        for id in processes {
            try await agent.say("process/\(id)", #"{"process_id":"\#(id)","state":"running","want":"up","pid":1}"#)
        }
        return agent
    }

    private static let success: JSON = ["status": "success"]

    private func ids(_ requests: [JSON]) -> [String] {
        requests.compactMap { $0["args"]?["process_id"]?.string }.sorted()
    }

    @Test func `all requests are sent before any is answered, and each answer is a line`() async throws {
        try await withBroker { broker in
            let one = try await host(broker, "edge-1", rack: "7", ["web-1", "web-2", "db"])
            let two = try await host(broker, "edge-2", rack: "7", ["web-1"])
            let other = try await host(broker, "edge-3", rack: "8", ["web-1"])
            let run = try Pmctl(broker).start(["stop", "edge-*", "web-*", "--label", "rack=7"])
            let first = [try await one.request(), try await one.request()]
            let second = try await two.request()
            #expect(ids(first) == ["web-1", "web-2"] && ids([second]) == ["web-1"])
            try await two.answer(second, Self.success)
            for request in first { try await one.answer(request, Self.success) }
            let result = try await run.result()
            let lines = ["stopped web-1 on edge-1", "stopped web-1 on edge-2", "stopped web-2 on edge-1"]
            #expect(result.lines.sorted() == lines && result.exitCode == 0, "\(result)")
            try await other.client.settle()
            #expect(other.client.messages.isEmpty)
        }
    }

    @Test func `what is offline, missing, refused or silent is named, and the rest is done`() async throws {
        try await withBroker { broker in
            let one = try await host(broker, "edge-1", rack: "7", ["web"])
            let two = try await host(broker, "edge-2", rack: "7", ["web"])
            let silent = try await host(broker, "edge-3", rack: "7", ["web"])
            let gone = try await FakeAgent(broker, "edge-4", status: "offline")
            let run = try Pmctl(broker).start(["restart", "edge-*,box", "web", "--timeout", "15"])
            try await one.answerNext(["status": "success", "process_id": "web", "pid": .number(7)])
            try await two.answerNext([
                "status": "failed", "message": "process failed to be reset",
                "error": ["code": "no_such_process", "detail": "no such process: web"],
            ])
            let result = try await run.result()
            #expect(result.output == "reset web on edge-1, pid 7\n" && result.exitCode == 6)
            let errors = Set(result.errors.split(separator: "\n").map(String.init))
            #expect(
                errors == [
                    "pmctl: no such host: box (hosts: edge-1, edge-2, edge-3, edge-4)",
                    "pmctl: host offline: edge-4",
                    "pmctl: web on edge-2: process failed to be reset: no such process: web",
                    "pmctl: web on edge-3: no answer from host edge-3 in 15 s; it may still do what was asked",
                    "pmctl: 4 of 5 failed",
                ])
            withExtendedLifetime((silent, gone)) {}
        }
    }

    @Test func `a host that goes offline ends only its own requests`() async throws {
        try await withBroker { broker in
            let one = try await host(broker, "edge-1", rack: "7", ["web"])
            let two = try await host(broker, "edge-2", rack: "7", ["web"])
            let run = try Pmctl(broker).start(["stop", "*", "web"])
            _ = try await one.request()
            try await one.say("status", "offline")
            try await eventually("it is told") { run.errors.contains("went offline") }
            try await two.answerNext(Self.success)
            let result = try await run.result()
            #expect(result.output == "stopped web on edge-2\n" && result.exitCode == 6, "\(result)")
            #expect(result.errors.hasPrefix("pmctl: web on edge-1: host edge-1 went offline before it answered\n"))
        }
    }

    @Test func `without a success, the exit code is that of the worst failure`() async throws {
        try await withBroker { broker in
            let one = try await host(broker, "edge-1", rack: "7", ["web"])
            let gone = try await FakeAgent(broker, "edge-2", status: "offline")
            let offline = try await Pmctl(broker).run("stop", "edge-2,edge-2", "web")
            #expect(offline.exitCode == 5 && offline.errors == "pmctl: host offline: edge-2\n", "\(offline)")
            let none = try await Pmctl(broker).run("stop", "edge-*", "x*", "--all")
            #expect(none.exitCode == 100)
            let missing = try await Pmctl(broker).run("stop", "edge-*", "x*")
            #expect(missing.exitCode == 4 && missing.errors.contains("no process matches x* on edge-1"), "\(missing)")
            let nowhere = try await Pmctl(broker).run("stop", "cloud-*", "web")
            #expect(nowhere.exitCode == 4 && nowhere.errors == "pmctl: no host matches cloud-*\n")
            withExtendedLifetime((one, gone)) {}
        }
    }

    @Test func `several answers are one JSON array in the order of the targets`() async throws {
        try await withBroker { broker in
            let one = try await host(broker, "edge-1", rack: "7", ["a", "b"])
            let run = try Pmctl(broker).start(["stop", "edge-1", "a", "b", "--json"])
            let requests = [try await one.request(), try await one.request()]
            for request in requests.reversed() { try await one.answer(request, Self.success) }
            let result = try await run.result()
            #expect(
                try Samples.json(result.output) == [
                    ["host": "edge-1", "process_id": "a", "status": "success"],
                    ["host": "edge-1", "process_id": "b", "status": "success"],
                ])
        }
    }

    @Test func `requests over the limit wait for answers`() async throws {
        try await withBroker { broker in
            let ids = (1...250).map { "p\($0)" }
            let one = try await host(broker, "edge-1", rack: "7", ids)
            let run = try Pmctl(broker).start(["stop", "edge-1", "--all"])
            for _ in ids { try await one.answerNext(Self.success) }
            let result = try await run.result()
            #expect(result.lines.count == 250 && result.exitCode == 0 && result.errors.isEmpty)
        }
    }

    @Test func `all takes what runs, and nothing to do is a success`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            try await agent.say("process/web", Samples.running)
            try await agent.say("process/job-1", Samples.ended)
            let run = try Pmctl(broker).start(["signal", "alpha", "--all", "HUP"])
            #expect(try await agent.answerNext(Self.success)["args"] == ["process_id": "web", "signal": "HUP"])
            #expect(try await run.result().output == "sent HUP to web on alpha\n")
            let remove = try Pmctl(broker).start(["rm", "alpha", "*"])
            #expect(try await agent.answerNext(Self.success)["args"] == ["process_id": "job-1"])
            #expect(try await remove.result().output == "removed job-1 on alpha\n")
            try await agent.say("process/web", "")
            let nothing = try await Pmctl(broker).run("stop", "alpha", "--all")
            #expect(nothing.exitCode == 0 && nothing.output.isEmpty)
            #expect(nothing.errors == "pmctl: there is nothing to do\n")
        }
    }

    @Test func `a process that does not run is stopped already`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            try await agent.say("process/job-1", Samples.ended)
            let refusal: JSON = [
                "status": "failed", "message": "process failed to be killed",
                "error": ["code": "no_such_process", "detail": "job-1 is not running"],
            ]
            let run = try Pmctl(broker).start(["stop", "alpha", "job-1"])
            try await agent.answerNext(refusal)
            let result = try await run.result()
            #expect(result.output == "job-1 is not running on alpha\n" && result.exitCode == 0, "\(result)")
            let json = try Pmctl(broker).start(["stop", "alpha", "job-1", "--json"])
            try await agent.answerNext(refusal)
            #expect(try Samples.json(try await json.result().output) == ["status": "success", "unchanged": true])
            // One that the agent does not know is an error, with the name that is near.
            let unknown = try Pmctl(broker).start(["stop", "alpha", "jbo-1"])
            try await agent.answerNext([
                "status": "failed", "message": "process failed to be killed",
                "error": ["code": "no_such_process", "detail": "no such process: jbo-1"],
            ])
            let error = try await unknown.result()
            #expect(
                error.errors
                    == "pmctl: process failed to be killed: no such process: jbo-1, did you mean job-1?\n")
            #expect(error.exitCode == 4)
        }
    }

    @Test func `known processes are started by name`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            for id in ["web-1", "web-2"] {
                try await agent.say("process/\(id)", #"{"process_id":"\#(id)","state":"exited","want":"down"}"#)
            }
            try await agent.say("process/web-3", #"{"process_id":"web-3","state":"running","want":"up"}"#)
            let one = try Pmctl(broker).start(["start", "alpha", "web-1"])
            let request = try await agent.answerNext([
                "status": "success", "process_id": "web-1", "pid": .number(7), "unchanged": true,
            ])
            #expect(request["method"] == "start_process" && request["args"] == ["process_id": "web-1"])
            #expect(try await one.result().output == "web-1 is already up on alpha, pid 7\n")
            let both = try Pmctl(broker).start(["start", "alpha", "web-*"])
            for _ in 1...2 {
                let request = try await agent.request()
                let id = try #require(request["args"]?["process_id"])
                try await agent.answer(request, ["status": "success", "process_id": id, "pid": .number(8)])
            }
            #expect(
                try await both.result().lines == ["started web-1 on alpha, pid 8", "started web-2 on alpha, pid 8"])
            let old = try Pmctl(broker).start(["start", "alpha", "web-1"])
            try await agent.answerNext([
                "status": "failed", "message": "process failed to start",
                "error": ["code": "missing_argument", "detail": "missing args.config"],
            ])
            let refused = try await old.result()
            #expect(refused.errors.contains("the agent of alpha is of a version that starts no process by its name"))
            #expect(refused.exitCode == 111)
            let program = try Pmctl(broker).start(["start", "alpha", "sleep"])
            try await agent.answerNext([
                "status": "failed", "message": "process failed to start",
                "error": ["code": "no_such_process", "detail": "no such process: sleep"],
            ])
            let hint = try await program.result()
            #expect(hint.errors.contains("(the command of a new process stands after --)") && hint.exitCode == 4)
        }
    }

    @Test func `a new process is started and files are applied on several hosts`() async throws {
        try await withBroker { broker in
            let one = try await host(broker, "edge-1", rack: "7", [])
            let two = try await host(broker, "edge-2", rack: "7", [])
            let start = try Pmctl(broker).start(["start", "edge-*", "--name", "web", "--", "sleep", "9"])
            for agent in [one, two] {
                let request = try await agent.answerNext([
                    "status": "success", "process_id": "web", "pid": .number(7),
                ])
                #expect(request["args"] == ["config": ["command": ["sleep", "9"], "name": "web"]])
            }
            let started = try await start.result()
            #expect(started.lines.sorted() == ["started web on edge-1, pid 7", "started web on edge-2, pid 7"])
            let folder = try TemporaryFolder()
            try folder.write(#"{"name":"web","command":"a"}"#, to: "web.json")
            for isDryRun in [false, true] {
                let words = ["apply", "edge-*", "\(folder.path)/web.json"] + (isDryRun ? ["--dry-run"] : [])
                let apply = try Pmctl(broker).start(words)
                try await one.answerNext(["status": "success", "started": ["web"], "removed": ["a", "b"]])
                try await two.answerNext(["status": "success", "unchanged": ["web"]])
                #expect(
                    try await apply.result().lines.sorted()
                        == (isDryRun
                            ? ["edge-1: would start 1, remove 2", "edge-2: would unchanged 1"]
                            : ["edge-1: 1 started, 2 removed", "edge-2: 1 unchanged"]))
            }
        }
    }
}
