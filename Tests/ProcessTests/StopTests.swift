import Glibc
import TestSupport
import Testing

/// A stop ends the whole tree of a process, and is answered when the tree is gone.
@Suite(.serialized) struct StopTests {
    /// Runs a script, waits for its `: > $READY`, stops it, and checks that its tree is gone.
    private func stop(
        _ script: String, _ configuration: String = #"{"stop_grace":0.3}"#,
        before: (AgentBench, Int) async throws -> Void = { _, _ in }
    ) async throws {
        try await withAgent(.init(configuration: configuration)) { bench in
            let ready = "\(bench.agent.folder.path)/ready"
            let pid = try await bench.sh(script.replacing("$READY", with: ready))
            try await eventually("the script's start") { access(ready, F_OK) == 0 }
            try await before(bench, pid)
            try await bench.expect(.stopProcess(pid: pid), ["stop_process": ["success": true]])
            #expect(bench.agent.descendants.isEmpty)
            #expect(!SystemProcess(pid).exists && kill(pid_t(-pid), 0) != 0)
        }
    }

    @Test func `a stop ends children in the background`() async throws {
        try await stop("sleep 1000 & sleep 1000 & : > $READY; sleep 1000")
    }

    @Test func `a stop ends a tree of shells`() async throws {
        try await stop("sh -c 'sh -c \"sleep 1000 & sleep 1000\" & sleep 1000' & : > $READY; sleep 1000")
    }

    @Test func `a process that ignores INT and TERM is killed after the grace period`() async throws {
        try await stop("trap '' INT TERM; : > $READY; while :; do sleep 1000; done")
    }

    @Test func `a child that ignores TERM is killed when its parent has obeyed`() async throws {
        try await stop(
            "(trap '' INT TERM; : > $READY; while :; do sleep 1000; done) & sleep 1000", #"{"stop_grace":0.3}"#)
    }

    @Test func `a process that SIGSTOP has stopped is ended`() async throws {
        try await stop("trap 'exit 3' TERM; : > $READY; while :; do sleep 0.1; done", #"{"stop_grace":3600}"#) {
            _, pid in
            kill(pid_t(-pid), SIGSTOP)
            try await eventually("the SIGSTOP") { SystemProcess(pid).state == "T" }
        }
    }

    @Test func `a process that forks for ever is killed`() async throws {
        try await stop("trap '' TERM; : > $READY; while :; do sleep 0.01 & wait; done")
    }

    @Test func `a process that ends within the grace period is not killed`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            let ready = "\(bench.agent.folder.path)/ready"
            let pid = try await bench.sh("trap 'exit 42' TERM; : > \(ready); while :; do sleep 0.05; done")
            try await eventually("the trap") { access(ready, F_OK) == 0 }
            try await bench.expect(.stopProcess(pid: pid), ["stop_process": ["success": true]])
            try await bench.expect(
                .queryProcessStatus(pid: pid),
                ["query_process_status": ["exit_code": 42, "running": false, "success": true]])
        }
    }

    @Test func `the remnants of an ended process are ended`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":0.3}"#)) { bench in
            for (id, code, script) in [
                ("obeys", 0, "sleep 1000 &"),
                (
                    "traps", 7,
                    "(trap '' TERM; : > $READY; while :; do sleep 1000; done) & while ! [ -e $READY ]; do :; done; exit 7"
                ),
            ] {
                let ready = "\(bench.agent.folder.path)/ready"
                let text = script.replacing("$READY", with: ready)
                _ = try await bench.start(.shell(text, name: id))
                let entry = try await bench.state("exited", of: id)
                #expect(entry["exit_code"]?.integer == code)
                #expect(bench.agent.descendants.isEmpty)
            }
        }
    }

    @Test func `several requests can wait for the same stop`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            let ready = "\(bench.agent.folder.path)/ready"
            let pid = try await bench.sh("trap '' TERM; : > \(ready); while :; do sleep 1000; done")
            try await eventually("the trap") { access(ready, F_OK) == 0 }
            let answers = [
                try await bench.inbox(of: .stopProcess(pid: pid)),
                try await bench.inbox(of: .call("kill_process", ["process_id": .integer(pid)])),
                try await bench.inbox(of: .stopProcess(pid: pid)),
            ]
            // This answer shows that the earlier requests are in progress.
            _ = try await bench.ask(.listActiveProcesses)
            kill(pid_t(-pid), SIGKILL)
            #expect(try await answers[0]() == ["stop_process": ["success": true]])
            #expect(try await answers[1]()["result"] == ["status": "success", "message": "process kill successfully"])
            #expect(try await answers[2]() == ["stop_process": ["success": true]])
        }
    }

    @Test func `a reset that is overtaken by a stop fails`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3}"#)) { bench in
            let ready = "\(bench.agent.folder.path)/ready"
            let pid = try await bench.start(
                .shell("trap '' TERM; : > \(ready); while :; do sleep 1000; done", name: "a"))
            try await eventually("the trap") { access(ready, F_OK) == 0 }
            let reset = try await bench.inbox(of: .resetProcess("a"))
            try await bench.expectMethod(
                .killProcess("a"), ["status": "success", "message": "process kill successfully"])
            let result = try await reset()["result"]
            #expect(result?["message"] == "process failed to be reset" && result?["error"]?["code"] == "not_allowed")
            #expect(!SystemProcess(pid).exists)
            #expect(bench.agent.descendants.isEmpty)
        }
    }

    @Test func `a reset ends the whole tree of the previous run`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":0.3}"#)) { bench in
            let first = try await bench.start(
                .shell("sleep 1000 & trap '' TERM; while :; do sleep 1000; done", name: "a"))
            let second = try #require(try await bench.method(.resetProcess("a"))["pid"]?.integer)
            #expect(first != second && kill(pid_t(-first), 0) != 0)
            #expect(bench.agent.descendants.allSatisfy { $0.session == second })
        }
    }
}
