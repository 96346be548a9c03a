import Glibc
import TestSupport
import Testing

/// kill -9 of the worker: its processes live on, and the next worker knows all about them.
@Suite(.serialized) struct FaultWorkerTests {
    @Test func `a thousand processes live on, and the next worker has them all`() async throws {
        try await withAgent { bench in
            for index in 0..<1_000 {
                _ = try await bench.start(.sleep("p\(index)"))
            }
            let before = try await bench.pids()
            #expect(before.count == 1_000)
            try await timed("1,000 processes, from the worker's end to an answer of the next") {
                try await bench.crashWorker()
            }
            #expect(try await bench.pids() == before)
            #expect(Set(bench.agent.descendants.map(\.pid)) == Set(before.values))
            let retained = try await bench.retainedEntries()
            #expect(retained.compactMapValues { $0["pid"]?.integer } == before)
            #expect(retained.values.allSatisfy { $0["state"] == "running" })
        }
    }

    /// Processes that end in different ways, when they get a line or a signal.
    private static let ends: [(id: String, script: String, signal: Int32, code: Int)] =
        [0, 1, 42, 255].map { ("exits-\($0)", "read _ < $GO; exit \($0)", 0, $0) }
        + [SIGHUP, SIGINT, SIGUSR1, SIGKILL, SIGTERM].map { ("dies-\($0)", "exec sleep 1000", $0, 128 + Int($0)) }

    @Test(arguments: [false, true]) func `a process that ends while no worker runs is reported with its exit status`(
        hasBeenTold: Bool
    ) async throws {
        try await withAgent { bench in
            let go = "\(bench.agent.folder.path)/go"
            #expect(mkfifo(go, 0o600) == 0)
            for (id, script, _, _) in Self.ends {
                let script = script.replacing("$GO", with: go)
                _ = try await bench.start(.shell(script, name: id))
            }
            let pids = try await bench.pids()
            func endAll() async throws {
                for (id, _, signal, _) in Self.ends where signal != 0 { kill(pid_t(pids[id] ?? 0), signal) }
                // The FIFO stays open, so each process that reads from it gets a line sooner or later.
                let gate = open(go, O_RDWR | O_CLOEXEC)
                defer { close(gate) }
                while Self.ends.contains(where: { $0.signal == 0 && SystemProcess(pids[$0.id] ?? 0).exists }) {
                    write(gate, "\n", 1)
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
            // Either the keeper reports the ends to a stopped worker, or there is no worker.
            if hasBeenTold {
                bench.agent.worker?.kill(SIGSTOP)
                try await endAll()
                try await bench.crashWorker()
            } else {
                try await bench.crashWorker { try await endAll() }
            }
            for (id, _, signal, code) in Self.ends {
                let entry = try await bench.state("exited", of: id)
                #expect(entry["exit_code"]?.integer == code && entry["pid"] == nil, "\(entry)")
                #expect(entry["signal"]?.integer == (signal == 0 ? nil : Int(signal)))
                let pid = try #require(pids[id])
                let status = try await bench.ask(.queryProcessStatus(pid: pid))["query_process_status"]
                #expect(status?["running"] == false && status?["exit_code"]?.integer == code, "\(id): \(pid)")
            }
        }
    }

    @Test(arguments: [("never", SIGKILL, false), ("on_failure", SIGKILL, true), ("always", SIGTERM, true)])
    func `a process that ends while no worker runs is restarted by its policy`(
        policy: String, signal: Int32, isRestarted: Bool
    ) async throws {
        try await withAgent { bench in
            let restart = #""restart":{"policy":"\#(policy)","delay":0}"#
            let pid = try await bench.start(.sleep("a").raw(restart))
            try await bench.crashWorker {
                kill(pid_t(pid), signal)
                try await eventually("its end") { !SystemProcess(pid).exists }
            }
            let entry = try await bench.state(isRestarted ? "running" : "exited", of: "a")
            #expect(entry["restarts"]?.integer == (isRestarted ? 1 : 0) && entry["pid"]?.integer != pid)
            #expect(bench.agent.descendants.map(\.pid) == [entry["pid"]?.integer].compactMap(\.self))
        }
    }

    @Test func `processes that wait for others or for a schedule keep waiting`() async throws {
        try await withAgent { bench in
            _ = try await bench.method(.startProcess(.command("true", name: "s").with("schedule", "0 0 29 2 *")))
            try await bench.send(
                .startProcess(.command(["sleep", "1000"], name: "a").ready(line: "up"))
            )
            try await bench.send(.startProcess(.sleep("b").dependsOn("a")))
            try await bench.state("starting", of: "b")
            try await bench.crashWorker()
            let entries = try await bench.entries()
            #expect(entries["s"]?["next_start"] != nil)
            #expect(entries["a"]?["state"] == "starting" && entries["a"]?["command"] == "sleep 1000")
            #expect(entries["b"]?["state"] == "starting" && entries["b"]?["pid"] == nil)
            try await bench.health([])
        }
    }

    @Test(arguments: [
        (#"{"log_line":"UP"}"#, "echo UP"), (#"{"fd":3}"#, "echo >&3"), (#"{"fd":3}"#, "echo >&3; exec 3>&-"),
    ]) func `the next worker sees a process become ready`(ready: String, sign: String) async throws {
        try await withAgent { bench in
            let go = "\(bench.agent.folder.path)/go"
            let script = "while ! [ -e \(go) ]; do sleep 0.01; done; \(sign); exec sleep 1000"
            try await bench.send(
                #"{"method":"start_process","args":{"config":{"name":"a","command":\#(shell(script)),"ready":\#(ready)}}}"#
            )
            try await bench.state("starting", of: "a")
            try await bench.crashWorker { try bench.agent.folder.write("", to: "go") }
            let entry = try await bench.state("running", of: "a")
            #expect(entry["restarts"] == 0)
        }
    }

    /// Starts `a`, which only SIGKILL ends, and returns its pid.
    private func startStubborn(_ bench: AgentBench) async throws -> Int {
        let child = try Binaries.testChild
        let pid = try await bench.start(
            .command([child, "--ignore-term", "--ready-line", "up"], name: "a").with("stop", ["grace": 1]))
        try await bench.written("up", by: "a")
        return pid
    }

    @Test func `a shutdown is continued by the next worker`() async throws {
        try await withAgent { bench in
            let pid = try await startStubborn(bench)
            #expect(try await bench.method("shutdown")["status"] == "success")
            bench.agent.worker?.kill()
            _ = try await bench.agent.ended()
            #expect(!SystemProcess(pid).exists)
        }
    }

    @Test func `an ended process is kept if its successor could not be started`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.sleep("a"))
            try await bench.kill("a")
            try await bench.expectFailure(
                .startProcess(.command("/no/such", name: "a")), "exec_failed",
                "program /no/such: no such file or directory")
            try await bench.crashWorker()
            #expect(try await bench.entries()["a"]?["command"] == "sleep 1000")
        }
    }

    @Test func `the files of processes_d are not applied again`() async throws {
        try await withAgent { bench in
            mkdir("\(bench.agent.stateDirectory)/processes.d", 0o700)
            let file = "state/processes.d/a.json"
            try bench.agent.folder.write(#"{"command":"sleep 1000"}"#, to: file)
            bench.agent.signal(SIGHUP)
            try await bench.state("running", of: "a")
            try await bench.kill("a")
            try bench.agent.folder.write(#"{"command":"sleep 2000"}"#, to: file)
            try await bench.crashWorker()
            #expect(try await bench.entries()["a"]?["state"] == "exited")
            bench.agent.signal(SIGHUP)
            #expect(try await bench.state("running", of: "a")["command"] == "sleep 2000")
        }
    }

    @Test func `a worker that is killed during its start is replaced as well`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a"))
            bench.agent.kill()
            try bench.agent.start()
            try await eventually("a worker") { bench.agent.worker != nil }
            bench.agent.worker?.kill()
            try await eventually("the next worker") {
                let lines = bench.agent.log.split(separator: "\n")
                let end = lines.lastIndex { $0.contains("the worker ended unexpectedly") }
                return end.map { lines[$0...].contains { $0.contains(": connected to") } } ?? false
            }
            #expect(try await bench.pids() == ["a": pid])
        }
    }

    @Test func `no line of a log is lost, torn or doubled`() async throws {
        try await withAgent { bench in
            let child = try Binaries.testChild
            for index in 1...3 {
                let words = #"["\#(child)","--flood","40000","--lines-per-second","8000","--exit","0"]"#
                _ = try await bench.start(
                    config: #"{"name":"p\#(index)","command":\#(words),"log":{"max_size":65536,"files":100}}"#)
            }
            for _ in 1...6 { try await bench.crashWorker() }
            for index in 1...3 {
                try await bench.state("exited", of: "p\(index)")
                bench.expectCounted(by: "p\(index)", to: 40_000)
            }
        }
    }

    @Test(arguments: ["kill_process", "reset_process"]) func `a stop under way is continued by the next worker`(
        method: String
    ) async throws {
        try await withAgent { bench in
            let pid = try await startStubborn(bench)
            try await bench.send(#"{"method":"\#(method)","args":{"process_id":"a"}}"#)
            try await bench.state("stopping", of: "a")
            try await bench.crashWorker()
            let entry = try await bench.state(method == "kill_process" ? "exited" : "running", of: "a")
            #expect(!SystemProcess(pid).exists && entry["pid"]?.integer != pid)
            #expect(bench.agent.descendants.count == (method == "kill_process" ? 0 : 1))
        }
    }

    @Test func `twenty times while processes are started and stopped, none is lost or doubled`()
        async throws
    {
        try await withAgent { bench in
            let begun = "\(bench.agent.folder.path)/begun"
            let requester = try await TestClient(bench.broker)
            try await requester.subscribe("pm/reply/#")
            let load = Load(requester: requester, bench: bench, begun: begun)
            let running = Task { try await load.run() }
            try await timed("20 ends of workers") {
                for round in 1...20 {
                    try await bench.crashWorker()
                    // The keeper waits longer each time, and each round must contain enough starts.
                    try await eventually("starts after end \(round)") {
                        bench.agent.folder.read("begun").split(separator: "\n").count >= 10 * round
                    }
                }
            }
            running.cancel()
            let (started, stopped) = try await running.value
            print("\(started.count) starts and \(stopped.count) stops were answered")
            #expect(started.count > 100 && stopped.count > 10)
            try await bench.expectConsistent(begun: begun)
            let pids = try await bench.pids()
            for (id, pid) in started where !load.isStopped(id) { #expect(pids[id] == pid, "\(id)") }
            for id in stopped { #expect(pids[id] == nil, "\(id)") }
        }
    }
}
