import JSONCodec
import TestSupport
import Testing

/// `--output`, `--sort`, `--running` and the exit codes of what only shows something, end to end.
@Suite(.serialized) struct OutputTests {
    private func fleet(_ broker: Broker) async throws -> [FakeAgent] {
        let alpha = try await FakeAgent(broker)
        try await alpha.say("info", #"{"version":"0.3.0","labels":{"rack":"7","site":"north"}}"#)
        try await alpha.say("health", Samples.health("alpha", said: 4e9))
        try await alpha.say("process/web", Samples.running)
        try await alpha.say("process/job-1", Samples.ended)
        let beta = try await FakeAgent(broker, "beta")
        try await beta.say("health", Samples.health("beta", reasons: ["disk full"], said: 4e9))
        return [alpha, beta]
    }

    @Test func `lists as names, sorted, wide and filtered`() async throws {
        try await withBroker { broker in
            let agents = try await fleet(broker)
            func output(_ line: String) async throws -> [String] {
                try await Pmctl(broker).start(line.split(separator: " ").map(String.init)).result().lines
            }
            #expect(try await output("hosts -o name") == ["alpha", "beta"])
            #expect(try await output("hosts -o name --sort name --reverse") == ["beta", "alpha"])
            #expect(try await output("hosts -o name --sort failed") == ["beta", "alpha"])
            #expect(try await output("hosts -o name --label rack=7") == ["alpha"])
            #expect(try await output("hosts -o name !alpha") == ["beta"])
            #expect(try await output("ps -o name") == ["alpha job-1", "alpha web"])
            #expect(try await output("ps -o name --sort uptime *") == ["alpha web", "alpha job-1"])
            #expect(try await output("ps -o name --running") == ["alpha web"])
            #expect(try await output("ps -o name beta,alpha --running") == ["alpha web"])
            let hosts = try await output("hosts -o wide")
            #expect(hosts[0].hasSuffix("VERSION  CPUS     FREE   MEMORY  LABELS"), "\(hosts)")
            #expect(hosts[1].hasSuffix("0.1.0       4  4.5 GiB  8.0 GiB  rack=7,site=north"))
            let processes = try await output("ps -o wide --running")
            #expect(processes[0].contains("WANT  HEALTHY  DRIVER  OWNER  STARTED"), "\(processes)")
            let json = try Samples.json(try await output("ps -o json --sort name --reverse").joined())
            #expect(json.array?.compactMap { $0["process_id"]?.string } == ["web", "job-1"])
            withExtendedLifetime(agents) {}
        }
    }

    @Test func `on a narrow terminal names stay apart, and --no-trunc cuts nothing`() async throws {
        try await withBroker { broker in
            let names = ["edge-frankfurt-am-main-0001", "edge-frankfurt-am-main-0002"]
            var agents: [FakeAgent] = []
            for name in names {
                let agent = try await FakeAgent(broker, name)
                try await agent.say("process/web", Samples.running)
                agents.append(agent)
            }
            let cut = try await Pmctl(broker).run(onTerminal: 60, "NO_COLOR=1 $PMCTL ps")
            let shown = cut.output.split(separator: "\r\n").dropFirst().map { $0.prefix { $0 != " " } }
            #expect(shown.count == 2 && shown[0] != shown[1] && shown[0].contains("…"), "\(cut)")
            for option in ["--no-trunc", "-o wide"] {
                let whole = try await Pmctl(broker).run(onTerminal: 60, "NO_COLOR=1 $PMCTL ps \(option)")
                #expect(!whole.output.contains("…") && names.allSatisfy(whole.output.contains), "\(whole)")
            }
            withExtendedLifetime(agents) {}
        }
    }

    @Test func `the exit code tells the health of hosts`() async throws {
        try await withBroker { broker in
            let agents = try await fleet(broker)
            func code(_ words: String...) async throws -> Int32 {
                try await Pmctl(broker).start(words).result().exitCode
            }
            #expect(try await code("health", "alpha") == 0)
            #expect(try await code("health", "beta") == 1)
            #expect(try await code("health", "beta", "--json") == 1)
            #expect(try await code("health") == 1)
            #expect(try await code("health", "!beta") == 0)
            #expect(try await code("health", "nix") == 4)
            #expect(try await code("health", "alpha", "nix") == 6)
            try await agents[1].say("health", Samples.health("beta", said: 1_000))
            #expect(try await code("health", "beta") == 1)
            try await agents[1].say("status", "offline")
            #expect(try await code("health", "beta") == 5)
            #expect(try await code("health") == 5)
            #expect(try await code("hosts") == 0)
        }
    }

    @Test(
        arguments: [
            (#"{"process_id":"web","state":"running","pid":1}"#, 0),
            (#"{"process_id":"web","state":"running","pid":1,"healthy":true}"#, 0),
            (#"{"process_id":"web","state":"running","pid":1,"healthy":false}"#, 1),
            (Samples.failed, 2), (Samples.ended, 3), (#"{"process_id":"web","state":"backoff"}"#, 3),
            (#"{"process_id":"web","state":"starting","pid":1}"#, 3),
        ] as [(String, Int32)])
    func `the exit code tells the state of a process`(entry: String, code: Int32) async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            for words in [["status", "alpha", "web"], ["status", "alpha", "web", "--json"]] {
                let run = try Pmctl(broker).start(words)
                try await agent.answerNext(["status": "success", "process": try Samples.json(entry)])
                let result = try await run.result()
                #expect(result.exitCode == code && !result.output.isEmpty && result.errors.isEmpty, "\(result)")
            }
        }
    }

    @Test func `near names of hosts and processes are suggested`() async throws {
        try await withBroker { broker in
            let agents = try await fleet(broker)
            let host = try await Pmctl(broker).run("ps", "alhpa")
            #expect(host.errors == "pmctl: no such host: alhpa, did you mean alpha?\n" && host.exitCode == 4)
            let run = try Pmctl(broker).start(["status", "alpha", "wbe"])
            try await agents[0].answerNext([
                "status": "failed", "error": ["code": "no_such_process", "detail": "no such process: wbe"],
            ])
            let process = try await run.result()
            #expect(process.errors == "pmctl: no such process: wbe, did you mean web?\n" && process.exitCode == 4)
        }
    }
}
