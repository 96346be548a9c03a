import JSONCodec
import TestSupport
import Testing

/// The supervision commands end to end: the built pmctl, a real broker and a fake agent.
@Suite(.serialized) struct SupervisionTests {
    @Test(
        arguments: [
            (
                ["signal", "alpha", "web", "hup"], "signal_process", ["process_id": "web", "signal": "HUP"],
                "sent HUP to web on alpha"
            ),
            (
                ["signal", "alpha", "42", "9"], "signal_process", ["process_id": .number(42), "signal": .number(9)],
                "sent 9 to pid 42 on alpha"
            ),
            (["rm", "alpha", "job-1"], "remove_process", ["process_id": "job-1"], "removed job-1 on alpha"),
            (["shutdown", "alpha"], "shutdown", [:], "the agent of alpha is shutting down"),
        ] as [([String], JSON, JSON, String)])
    func `a command sends one request and prints one line`(
        words: [String], method: JSON, arguments: JSON, line: String
    ) async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(words)
            let request = try await agent.answerNext(["status": "success"])
            #expect(request["method"] == method)
            #expect(request["args"] == arguments)
            let result = try await run.result()
            #expect(result.output == line + "\n")
            #expect(result.errors.isEmpty)
            #expect(result.exitCode == 0)
        }
    }

    @Test func `start sends a config from a file`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(#"{"name":"web","command":"a b","restart":"always"}"#, to: "web.json")
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["start", "alpha", "--config", "\(folder.path)/web.json", "--persist"])
            let request = try await agent.answerNext(["status": "success", "process_id": "web", "pid": .number(42)])
            #expect(
                request["args"]?["config"]
                    == ["name": "web", "command": "a b", "restart": "always", "persist": true])
            #expect(try await run.result().output == "started web on alpha, pid 42\n")
        }
    }

    // MARK: Apply

    private static let difference: JSON = [
        "status": "success", "started": ["web"], "reset": ["db"], "updated": ["mail"], "removed": ["old"],
        "unchanged": ["log"],
        "failed": [],
    ]

    private func files(_ folder: TemporaryFolder) throws -> [String] {
        try folder.write(#"{"name":"web","command":"a","depends_on":["db"]}"#, to: "web.json")
        try folder.write(#"[{"name":"db","command":"b"}]"#, to: "db.json")
        try folder.write(#"{"processes":[{"name":"log","command":"c"}]}"#, to: "log.json")
        return ["web", "db", "log"].map { "\(folder.path)/\($0).json" }
    }

    @Test func `apply sends all files' configs and shows the difference`() async throws {
        let folder = try TemporaryFolder()
        let files = try files(folder)
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let run = try Pmctl(broker).start(["apply", "alpha"] + files)
            let request = try await agent.answerNext(Self.difference)
            #expect(request["method"] == "apply")
            #expect(request["args"]?["dry_run"] == false)
            #expect(request["args"]?["processes"]?.array?.map { $0["name"] } == ["web", "db", "log"])
            let result = try await run.result()
            #expect(
                result.lines == [
                    "PROCESS  CHANGE     REASON", "web      started    -", "db       reset      -",
                    "mail     updated    -", "old      removed    -", "log      unchanged  -",
                ])
            #expect(result.exitCode == 0)
            let dry = try Pmctl(broker).start(
                ["apply", "alpha", files[1], "--dry-run", "--owner", "shop", "--no-prune"])
            let arguments = try await agent.answerNext(Self.difference)["args"]
            #expect(arguments?["dry_run"] == true && arguments?["owner"] == "shop" && arguments?["prune"] == false)
            let lines = try await dry.result().lines
            #expect(
                lines.map { $0.split(separator: " ")[1] } == [
                    "CHANGE", "start", "reset", "update", "remove", "unchanged",
                ])
        }
    }

    @Test func `a process that apply could not start is a failure`() async throws {
        let folder = try TemporaryFolder()
        let files = try files(folder)
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            let failed: JSON = ["process_id": "db", "error": ["code": "exec_failed", "detail": "permission denied"]]
            let answer: JSON = [
                "status": "success", "started": [], "reset": [], "removed": [], "unchanged": [], "failed": [failed],
            ]
            let run = try Pmctl(broker).start(["apply", "alpha", files[1]])
            try await agent.answerNext(answer)
            let result = try await run.result()
            #expect(result.lines == ["PROCESS  CHANGE  REASON", "db       failed  permission denied"])
            #expect(result.errors == "pmctl: 1 process failed to be applied\n")
            #expect(result.exitCode == 6)
            let json = try Pmctl(broker).start(["apply", "alpha", files[1], "--json"])
            try await agent.answerNext(answer)
            #expect(try Samples.json(try await json.result().output) == answer)
        }
    }

    @Test(arguments: [
        (#"{"name":"a","command":"x","nice":40}"#, "config.nice must be a whole number from -20 to 19"),
        (#"[{"name":"a","command":"x"},{"command":"x"}]"#, "missing config[1].name"),
        (#"{"processes":[{"name":"a"}]}"#, "missing config[0].command"),
        (#"[{"name":"a","command":"x","comand":"y"}]"#, "config[0] has no field \"comand\""),
        ("1", "config must be an object"), ("", "empty"),
    ])
    func `an invalid file is named in the error, without a request`(text: String, error: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "a.json")
        let result = try await Pmctl(url: "unix:///nowhere").run("apply", "alpha", "\(folder.path)/a.json")
        #expect(result.errors == "pmctl: \(folder.path)/a.json: \(error)\n")
        #expect(result.exitCode == 111)
        guard error.contains("no field") else { return }
        try folder.write(#"{"name":"a","command":"x","comand":"y"}"#, to: "a.json")
        let start = try await Pmctl(url: "unix:///nowhere").run("start", "alpha", "--config", "\(folder.path)/a.json")
        #expect(start.errors == "pmctl: \(folder.path)/a.json: config has no field \"comand\"\n")
    }

    @Test func `a name in two files and a missing file are errors`() async throws {
        let folder = try TemporaryFolder()
        let file = try files(folder)[1]
        let result = try await Pmctl(url: "unix:///nowhere").run("apply", "alpha", file, file)
        #expect(result.errors == "pmctl: two processes are named db\n")
        let missing = try await Pmctl(url: "unix:///nowhere").run("apply", "alpha", "\(folder.path)/none")
        #expect(missing.errors == "pmctl: open \(folder.path)/none: no such file or directory\n")
    }
}
