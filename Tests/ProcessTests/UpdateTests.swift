import Glibc
import TestSupport
import Testing

/// Updates in place: `start_process` and `apply` with a config that differs only in rules.
@Suite(.serialized) struct UpdateTests {
    enum Way: CaseIterable { case start, apply }

    /// Changes these fields of process a's config, and checks that it keeps running.
    private func update(
        _ bench: AgentBench, _ way: Way, _ fields: String, pid: Int, command: String = #""sleep 1000""#
    ) async throws {
        let config = #"{"name":"a","command":\#(command),\#(fields)}"#
        switch way {
        case .start:
            try await bench.expectMethod(
                "start_process", #"{"config":\#(config)}"#,
                [
                    "status": "success", "message": "process started successfully", "process_id": "a",
                    "pid": .number(Double(pid)), "updated": true,
                ])
        case .apply:
            for isDry in [true, false] {
                let result = try await bench.method("apply", #"{"processes":[\#(config)],"dry_run":\#(isDry)}"#)
                #expect(result["updated"] == ["a"] && result["reset"] == [] && result["unchanged"] == [])
            }
            let again = try await bench.method("apply", #"{"processes":[\#(config)]}"#)
            #expect(again["unchanged"] == ["a"] && again["updated"] == [])
        }
        #expect(try await bench.entry("a")["pid"]?.integer == pid)
    }

    private func config(of id: String, _ bench: AgentBench) async throws -> JSONValue? {
        try await bench.method(.getProcess(id))["process"]?["config"]
    }

    @Test(arguments: Way.allCases) func `changed restart rules apply at the next end`(way: Way) async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a"))
            try await update(bench, way, #""restart":{"policy":"always","delay":0}"#, pid: pid)
            #expect(try await config(of: "a", bench)?["restart"]?["policy"] == "always")
            kill(pid_t(pid), SIGKILL)
            let entry = try await bench.entry("a") { $0["restarts"] == 1 && $0["state"] == "running" }
            let next = try #require(entry["pid"]?.integer)
            // Also after a worker's death.
            try await bench.crashWorker()
            try await update(bench, way, #""restart":"never""#, pid: next)
            try await bench.crashWorker()
            kill(pid_t(next), SIGKILL)
            try await bench.state("exited", of: "a")
            #expect(try await bench.entry("a")["restarts"] == 1)
        }
    }

    @Test(arguments: Way.allCases) func `changed stop rules apply to the next stop`(way: Way) async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            let script = shell("trap '' TERM; trap 'exit 9' INT; echo up; while :; do sleep 0.01; done")
            let pid = try await bench.start(
                .shell("trap '' TERM; trap 'exit 9' INT; echo up; while :; do sleep 0.01; done", name: "a"))
            try await bench.written("up", by: "a")
            try await update(bench, way, #""stop":{"signal":"INT","to":"main"}"#, pid: pid, command: script)
            try await bench.kill("a")
            #expect(try await bench.entry("a")["exit_code"] == 9)
        }
    }

    @Test(arguments: Way.allCases) func `a health check is replaced, added and removed at once`(way: Way)
        async throws
    {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a").with("health_check", ["command": "false", "interval": 86400]))
            let often = #""interval":0.1,"retries":1"#
            try await update(bench, way, #""health_check":{"command":"false",\#(often)}"#, pid: pid)
            try await bench.entry("a") { $0["healthy"] == false }
            try await bench.health(["process a is unhealthy: exit code 1"])
            try await update(bench, way, #""health_check":{"command":"true",\#(often)}"#, pid: pid)
            try await bench.entry("a") { $0["healthy"] == true }
            try await bench.health([])
            try await update(bench, way, #""persist":false,"restart":"always""#, pid: pid)
            let entry = try await bench.entry("a") { $0["healthy"] == nil }
            #expect(entry["state"] == "running")
            try await bench.health([])
        }
    }

    @Test(arguments: Way.allCases) func `changed log rules apply at once, and superfluous files are removed`(way: Way)
        async throws
    {
        try await withAgent { bench in
            let folder = bench.agent.folder
            let child = "\(try Binaries.testChild) --flood 40000 --line-bytes 100"
            let script = shell("\(child) --exit 0; while ! [ -e \(folder.path)/go ]; do sleep 0.01; done; \(child)")
            let pid = try await bench.start(
                .shell("\(child) --exit 0; while ! [ -e \(folder.path)/go ]; do sleep 0.01; done; \(child)", name: "a")
                    .with("log", ["max_size": "1M", "files": 5]))
            try await eventually("all lines") { bench.lines(of: "a").count == 40_000 }
            #expect(!folder.read("state/log/a.stdout.3").isEmpty)
            try await update(bench, way, #""log":{"max_size":"64K","files":2}"#, pid: pid, command: script)
            for number in 2...4 { #expect(folder.read("state/log/a.stdout.\(number)").isEmpty) }
            try folder.write("", to: "go")
            try await eventually("the last line") {
                folder.read("state/log/a.stdout").contains("\n0000040000") && bench.lines(of: "a").count < 2_000
            }
            #expect(folder.read("state/log/a.stdout").utf8.count <= 65_536)
            #expect(folder.read("state/log/a.stdout.1").utf8.count <= 65_536)
            #expect(folder.read("state/log/a.stdout.2").isEmpty)
        }
    }

    @Test(arguments: Way.allCases) func `a change of persist writes or removes the file`(way: Way) async throws {
        try await withAgent { bench in
            let file = "state/processes/a.json"
            let pid = try await bench.start(.sleep("a"))
            try await update(bench, way, #""persist":true"#, pid: pid)
            try await eventually("the file") { bench.agent.folder.read(file).contains(#""want":"up""#) }
            try await update(bench, way, #""persist":true,"restart":"always""#, pid: pid)
            try await eventually("the new file") { bench.agent.folder.read(file).contains("always") }
            try await bench.restartAgent()
            let entry = try await bench.state("running", of: "a")
            let next = try #require(entry["pid"]?.integer)
            #expect(try await config(of: "a", bench)?["restart"]?["policy"] == "always")
            try await update(bench, way, #""restart":"always""#, pid: next)
            try await eventually("its end") { bench.agent.folder.read(file).isEmpty }
            try await bench.restartAgent()
            #expect(try await bench.entries().isEmpty)
        }
    }

    @Test func `a process without persist is not stored if its file was not removed in time`() async throws {
        try await withAgent { bench in
            let file = "state/processes/a.json"
            let pid = try await bench.start(.sleep("a").persist())
            try await eventually("the file") { !bench.agent.folder.read(file).isEmpty }
            let stored = bench.agent.folder.read(file)
            try await update(bench, .start, #""restart":"always""#, pid: pid)
            try await eventually("its end") { bench.agent.folder.read(file).isEmpty }
            bench.agent.kill()
            try bench.agent.folder.write(stored, to: file)
            try await bench.startAgentAgain()
            #expect(try await bench.entry("a")["pid"]?.integer == pid)
            try await eventually("its end again") { bench.agent.folder.read(file).isEmpty }
        }
    }

    @Test func `changed dependencies apply to the next start, and to a waiting one at once`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.sleep("b").ready(fd: 3))
            _ = try await bench.start(.sleep("c"))
            let answer = try await bench.inbox(of: .startProcess(.sleep("a").dependsOn("b")))
            try await bench.state("starting", of: "a")
            try await bench.expectMethod(
                .startProcess(.sleep("a").dependsOn("c")),
                [
                    "status": "success", "message": "process started successfully", "process_id": "a", "updated": true,
                ])
            let pid = try #require(try await answer()["result"]?["pid"]?.integer)
            try await update(bench, .start, #""depends_on":["b"]"#, pid: pid)
            #expect(try await bench.entry("a")["state"] == "running")
            // A reset of a would wait now. Impossible changes are refused.
            try await bench.expectFailure(
                .startProcess(.sleep("c").dependsOn("a", "b").with("nice", 1)),
                "name_in_use", "c is in use by a live process")
            try await bench.expectFailure(
                .startProcess(.sleep("a").dependsOn("x")),
                "no_such_process", "depends on x, which is unknown")
            _ = try await bench.start(.sleep("d").dependsOn("a"))
            try await bench.expectFailure(
                .startProcess(.sleep("a").dependsOn("d")),
                "invalid_argument", "depends on d, which depends on it")
            let reset = try await bench.inbox(of: .resetProcess("a"))
            try await bench.state("starting", of: "a")
            try await update(bench, .start, #""restart":"always""#, pid: try #require(try await awaited(reset, bench)))
        }
    }

    /// Removes the dependency on b, which a reset waits for, and returns the reset's pid.
    private func awaited(_ reset: () async throws -> JSONValue, _ bench: AgentBench) async throws -> Int? {
        _ = try await bench.method(.startProcess(.sleep("a")))
        return try await reset()["result"]?["pid"]?.integer
    }

    @Test(arguments: [#""env":{"A":"b"}"#, #""stdin":"x""#, #""umask":"077","restart":"always""#, #""ready":{"fd":3}"#])
    func `any other difference is no update, and neither is an equal config`(fields: String) async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a"))
            for more in [",\(fields)", ""] {
                try await bench.expectFailure(
                    "start_process", #"{"config":{"name":"a","command":"sleep 1000"\#(more)}}"#, "name_in_use",
                    "a is in use by a live process")
            }
            let list = #"{"processes":[{"name":"a","command":"sleep 1000",\#(fields)}],"dry_run":true}"#
            let result = try await bench.method("apply", list)
            #expect(result["reset"] == ["a"] && result["updated"] == [])
            #expect(SystemProcess(pid).exists)
        }
    }

    @Test func `BlueZero's dialect reports an update too`() async throws {
        try await withAgent { bench in
            let start = #"{"start_process":{"path":"/bin/sleep","args":["1000"],"name":"a"}}"#
            let pid = try #require(try await bench.ask(start)["start_process"]?["pid"])
            try await bench.expect(
                start.replacing(#""name""#, with: #""restart":"always","name""#),
                ["start_process": ["pid": pid, "updated": true, "success": true]])
        }
    }

    @Test func `changed spec files update a process in place`() async throws {
        try await withAgent { bench in
            let folder = bench.agent.folder
            #expect(mkdir("\(bench.agent.stateDirectory)/processes.d", 0o700) == 0)
            try folder.write(#"{"name":"a","command":"sleep 1000"}"#, to: "state/processes.d/a.json")
            bench.agent.signal(SIGHUP)
            let pid = try #require(try await bench.state("running", of: "a")["pid"]?.integer)
            try folder.write(
                #"{"name":"a","command":"sleep 1000","restart":"always"}"#, to: "state/processes.d/a.json")
            bench.agent.signal(SIGHUP)
            try await eventually("the new rules") {
                try await config(of: "a", bench)?["restart"]?["policy"] == "always"
            }
            #expect(try await bench.entry("a")["pid"]?.integer == pid)
            // A request can't update a process from a file.
            try await bench.expectFailure(
                .startProcess(.sleep("a").persist()), "name_in_use",
                "a is in use by a live process")
        }
    }
}
