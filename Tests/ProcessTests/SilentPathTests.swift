import Glibc
import TestSupport
import Testing

/// Paths on a file system that does not answer: requests that name one fail, and others are not delayed.
@Suite(
    .serialized,
    .enabled(if: SilentFileSystem.obstacle == nil, Comment(rawValue: SilentFileSystem.obstacle ?? "")))
struct SilentPathTests {
    /// Configs that name such a path: `DIR` is the silent directory, `LINK` a link to it, `FOLDER` their parent.
    static let configs = [
        #"{"path":"DIR","command":"sleep 1000"}"#, #"{"path":"DIR/deep/er","command":"sleep 1000"}"#,
        #"{"path":"LINK","command":"sleep 1000"}"#, #"{"path":"DIR/program","command":"x"}"#,
        #"{"command":"DIR/program"}"#, #"{"command":"LINK/program"}"#, #"{"path":"FOLDER","command":"./silent/x"}"#,
        #"{"command":"sleep 1000","env":{"S":{"file":"DIR/secret"}}}"#,
        #"{"command":"sleep 1000","env":{"S":{"file":"LINK/secret"}}}"#,
        #"{"command":"program","env":{"PATH":"DIR:/bin"}}"#, #"{"command":"FOLDER/script"}"#,
    ]

    private func withSilence(
        _ kind: SilentFileSystem.Kind, policy: String = "",
        _ body: (AgentBench, (String) -> String) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let (silent, link) = ("\(folder.path)/silent", "\(folder.path)/link")
        mkdir(silent, 0o755)
        symlink(silent, link)
        try folder.write("#!\(silent)/interpreter\n", to: "script")
        chmod("\(folder.path)/script", 0o755)
        chmod(folder.path, 0o755)
        try await withAgent(.init(configuration: #"{"stop_grace":5\#(policy)}"#)) { bench in
            let files = try SilentFileSystem(kind, at: silent)
            // Before the agent ends: otherwise processes hang in the kernel, which nothing can end.
            defer { files.end() }
            try await body(bench) {
                $0.replacing("DIR", with: silent).replacing("LINK", with: link).replacing("FOLDER", with: folder.path)
            }
            files.end()
            try await eventually("the hanging processes are gone") {
                bench.agent.descendants.allSatisfy { !$0.arguments.isEmpty && $0.state != "D" }
            }
        }
    }

    /// Sends a request without waiting for its answer.
    private func send(_ method: String, _ arguments: String, to inbox: String, _ bench: AgentBench) async throws {
        var properties = Message.Properties()
        properties.responseTopic = "pm/reply/\(inbox)"
        try await bench.client.publish(
            bench.topic("control"), #"{"method":"\#(method)","args":\#(arguments)}"#, properties: properties)
    }

    private func answer(_ inbox: String, _ bench: AgentBench) async throws -> JSONValue? {
        try await bench.client.next(on: "pm/reply/\(inbox)", within: TestClient.patience).value["result"]
    }

    @Test(arguments: SilentFileSystem.Kind.allCases, configs)
    func `a start with a silent path fails, and others are not delayed`(
        kind: SilentFileSystem.Kind, config: String
    ) async throws {
        try await withSilence(kind) { bench, place in
            let other = try await bench.start(.sleep("other"))
            try await send("start_process", #"{"config":\#(place(config))}"#, to: "hung", bench)
            #expect(try await bench.reset("other") != other)
            _ = try await bench.start(.sleep("next"))
            try await bench.kill("other")
            let result = try await answer("hung", bench)
            #expect(result?["error"]?["code"] == "timeout", "\(config): \(String(describing: result))")
            #expect(result?["error"]?["detail"]?.string?.contains("does not answer") == true)
            try await bench.kill("next")
        }
    }

    @Test(arguments: SilentFileSystem.Kind.allCases) func `a hanging start can be stopped, and its name is in use`(
        kind: SilentFileSystem.Kind
    ) async throws {
        try await withSilence(kind) { bench, place in
            for config in [#"{"name":"a","path":"DIR","command":"sleep 1"}"#, #"{"name":"a","command":"DIR/x"}"#] {
                try await send("start_process", #"{"config":\#(place(config))}"#, to: "hung", bench)
                try await bench.expectFailure(
                    .startProcess(.command("sleep 1", name: "a")), "name_in_use",
                    "a is in use by a live process")
                try await bench.kill("a")
                let error = try await answer("hung", bench)?["error"]
                #expect(["not_allowed", "timeout"].contains(error?["code"]), "\(String(describing: error))")
                #expect(try await bench.method("get_processes")["process"] == [])
            }
        }
    }

    @Test(arguments: SilentFileSystem.Kind.allCases, [true, false])
    func `a stop during the check of an update ends the process, and the update`(
        kind: SilentFileSystem.Kind, isByPID: Bool
    ) async throws {
        try await withSilence(kind, policy: #","policy":{"environment":["*"]}"#) { bench, place in
            let link = place("FOLDER/moved")
            symlink("/usr", link)
            let pid = try await bench.start(.sleep("a").path(link))
            symlink(place("DIR"), link + ".new")
            rename(link + ".new", link)
            for inbox in ["first", "second"] {
                let config = #"{"name":"a","path":"\#(link)","command":"sleep 1000","restart":"always"}"#
                try await send("start_process", #"{"config":\#(config)}"#, to: inbox, bench)
            }
            try await bench.kill(isByPID ? "\(pid)" : "a")
            #expect(SystemProcess(pid).hasEnded)
            for inbox in ["first", "second"] {
                let error = try await answer(inbox, bench)?["error"]
                #expect(["not_allowed", "timeout"].contains(error?["code"]), "\(String(describing: error))")
            }
            #expect(try await bench.entry("a")["state"] == "exited")
        }
    }

    @Test(arguments: SilentFileSystem.Kind.allCases) func `a hanging restart delays no other process, and is retried`(
        kind: SilentFileSystem.Kind
    ) async throws {
        try await withSilence(kind) { bench, place in
            let link = place("FOLDER/moved")
            symlink("/usr", link)
            let pid = try await bench.start(.sleep("a").path(link).restart("always", delay: 0.1))
            symlink(place("DIR"), link + ".new")
            rename(link + ".new", link)
            SystemProcess(pid).kill()
            try await bench.state("starting", of: "a")
            _ = try await bench.start(.sleep("b"))
            try await bench.state("backoff", of: "a")
            symlink("/usr", link + ".new")
            rename(link + ".new", link)
            try await bench.state("running", of: "a")
        }
    }

    @Test(arguments: SilentFileSystem.Kind.allCases) func `a worker that dies during a hanging start is replaced`(
        kind: SilentFileSystem.Kind
    ) async throws {
        try await withSilence(kind) { bench, place in
            let pid = try await bench.start(.sleep("b"))
            for (inbox, config) in [#"{"name":"a","path":"DIR","command":"sleep 1"}"#, #"{"command":"DIR/x"}"#]
                .enumerated()
            {
                try await send("start_process", #"{"config":\#(place(config))}"#, to: "hung\(inbox)", bench)
            }
            _ = try await bench.start(.sleep("c"))
            try await bench.crashWorker()
            #expect(try await bench.entry("b")["pid"]?.integer == pid)
            _ = try await bench.start(.sleep("d"))
        }
    }

    @Test(arguments: SilentFileSystem.Kind.allCases) func `an agent can end during hanging starts`(
        kind: SilentFileSystem.Kind
    ) async throws {
        try await withSilence(kind) { bench, place in
            for (inbox, config) in [#"{"name":"a","path":"DIR","command":"sleep 1"}"#, #"{"command":"DIR/x"}"#]
                .enumerated()
            {
                try await send("start_process", #"{"config":\#(place(config))}"#, to: "hung\(inbox)", bench)
            }
            _ = try await bench.start(.sleep("c"))
            try await bench.agent.stop()
            try bench.agent.start()
            try await bench.isOnline()
            _ = try await bench.start(.sleep("c"))
        }
    }

    @Test(arguments: SilentFileSystem.Kind.allCases) func `any number of hanging starts does not delay others`(
        kind: SilentFileSystem.Kind
    ) async throws {
        try await withSilence(kind) { bench, place in
            let count = 60
            for number in 0..<count {
                let config = [#"{"path":"DIR/\#(number)","command":"x"}"#, #"{"command":"LINK/\#(number)"}"#][
                    number % 2]
                try await send("start_process", #"{"config":\#(place(config))}"#, to: "hung\(number)", bench)
            }
            for _ in 0..<10 { _ = try await bench.start(.sleep()) }
            for number in 0..<count {
                #expect(try await answer("hung\(number)", bench)?["error"]?["code"] == "timeout")
            }
            _ = try await bench.start(.sleep())
        }
    }

    @Test func `applies are executed in order, and a hanging process does not affect the others`() async throws {
        try await withSilence(.unread, policy: #","policy":{"environment":["*"],"environment_files":["/**"]}"#) {
            bench, place in
            let first = place(
                #"[{"name":"a","command":"sleep 1","env":{"S":{"file":"DIR/s"}}},{"name":"b","command":"sleep 1000"}]"#)
            try await send("apply", #"{"processes":\#(first)}"#, to: "first", bench)
            try await send(
                "apply", #"{"processes":[{"name":"b","command":"sleep 2000"}]}"#, to: "second", bench)
            let one = try await answer("first", bench)
            // The second apply may have stopped process b before it was running.
            let codes = one?["failed"]?.array?.map { $0["error"]?["code"] }
            #expect(codes?.contains("timeout") == true, "\(String(describing: one))")
            #expect(try await answer("second", bench)?["reset"] == ["b"])
            #expect(try await bench.entry("b")["command"] == "sleep 2000")
        }
    }

    @Test func `a hanging health check fails, and affects nothing else`() async throws {
        try await withSilence(.unread) { bench, place in
            let check = place(#""health_check":{"command":"DIR/check","interval":0.1,"timeout":60,"retries":1}"#)
            _ = try await bench.start(.sleep("a").with("restart", ["policy": "never"]).raw(check))
            let entry = try await bench.entry("a") { $0["healthy"] == false }
            #expect(entry["state"] == "running")
            _ = try await bench.start(.sleep())
        }
    }
}
