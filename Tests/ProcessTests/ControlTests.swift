import Glibc
import TestSupport
import Testing

/// `signal_process`, `remove_process`, `get_process` and `shutdown`.
@Suite(.serialized) struct ControlTests {
    @Test(arguments: [#""USR1""#, #""sigusr1""#, "10"]) func `a signal reaches the main process only`(signal: String)
        async throws
    {
        try await withAgent { bench in
            let seen = "\(bench.agent.folder.path)/seen"
            let script =
                "(trap 'echo child >> \(seen)' USR1; : > \(seen).child; while :; do sleep 0.01; done) & "
                + "trap 'echo leader >> \(seen)' USR1; while ! [ -e \(seen).child ]; do :; done; echo up; "
                + "while :; do sleep 0.01; done"
            _ = try await bench.start(.shell(script, name: "a").ready(line: "up"))
            try await bench.state("running", of: "a")
            for count in 1...2 {
                try await bench.expectMethod(
                    "signal_process", #"{"process_id":"a","signal":\#(signal)}"#,
                    ["status": "success", "message": "process signaled successfully"])
                let expected = String(repeating: "leader\n", count: count)
                try await eventually("the signal") { bench.agent.folder.read("seen") == expected }
            }
        }
    }

    @Test func `an end by signal_process counts as the process's own end`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a").restart("always", delay: 0))
            _ = try await bench.method(.call("signal_process", ["process_id": .integer(pid), "signal": "KILL"]))
            #expect(try await bench.entry("a") { $0["restarts"] == 1 && $0["state"] == "running" }["pid"] != nil)
        }
    }

    @Test func `a missing process and a wrong signal are refused`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.command("true", name: "a"))
            try await bench.state("exited", of: "a")
            for (arguments, code, detail) in [
                (#"{"process_id":"a","signal":"HUP"}"#, "no_such_process", "a is not running"),
                (#"{"process_id":"b","signal":"HUP"}"#, "no_such_process", "no such process: b"),
                (#"{"process_id":"a"}"#, "missing_argument", "missing args.signal"),
                (
                    #"{"process_id":"a","signal":0}"#, "invalid_argument",
                    "args.signal must be a signal's name as \"TERM\", or its number from 1 to 64"
                ),
            ] { try await bench.expectFailure("signal_process", arguments, code, detail) }
        }
    }

    @Test func `an ended process is removed with its topic and its logs`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.shell("echo x; sleep 1000", name: "a"))
            try await bench.expectFailure(.removeProcess("a"), "not_allowed", "a is running: kill it first")
            try await bench.kill("a")
            let watcher = try await bench.watcher(of: bench.topic("process/a"))
            _ = try await watcher.next { !$0.payload.isEmpty }
            try await bench.expectMethod(
                .removeProcess("a"),
                ["status": "success", "message": "process removed successfully"])
            _ = try await watcher.next { $0.payload.isEmpty }
            #expect(access("\(bench.agent.stateDirectory)/log/a.stdout", F_OK) != 0)
            for method in ["get_process", "remove_process", "reset_process", "get_log"] {
                try await bench.expectFailure(
                    method, #"{"process_id":"a"}"#, "no_such_process", "no such process: a")
            }
        }
    }

    @Test func `get_process gives the config that was requested`() async throws {
        try await withAgent { bench in
            let config =
                #"{"name":"a","command":["sleep","1000"],"env":{"A":"b"},"restart":{"policy":"always","delay":1},"stop":{"signal":"INT","grace":3},"umask":"027","nice":1,"limits":{"open_files":99,"core":0},"stdin":"x","log":{"max_size":4096,"files":2},"health_check":{"tcp":"127.0.0.1:9","interval":3600},"ready":{"log_line":"x","timeout":9},"persist":true}"#
            let pid = try await bench.start(config: config)
            let result = try await bench.method(.call("get_process", ["process_id": .integer(pid)]))
            let process = try #require(result["process"])
            #expect(result["status"] == "success" && process["pid"]?.integer == pid)
            let same = try JSONValue(config)
            #expect(process["config"] == same)
            #expect(try await bench.entry("a").keys == process.keys?.subtracting(["config"]))
        }
    }

    @Test func `shutdown ends the agent and all its processes`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a"))
            let watcher = try await bench.watcher(of: bench.topic("#"))
            try await bench.expectMethod("shutdown", "{}", ["status": "success", "message": "agent is shutting down"])
            #expect(try await bench.agent.ended() == 0)
            #expect(!SystemProcess(pid).exists)
            _ = try await watcher.next { $0.topic.hasSuffix("/status") && $0.text == "offline" }
            let last = watcher.messages.last { $0.topic.hasSuffix("/process/a") }
            let entry = try last?.value
            #expect(entry?["state"] == "exited")
        }
    }
}
