import Glibc
import TestSupport
import Testing

/// `ready`: a process is running only after its sign of readiness.
@Suite(.serialized) struct ReadyTests {
    @Test(arguments: [
        (#"{"fd":5}"#, "echo >&5"), (#"{"fd":255}"#, "exec test-child --notify-fd 255"),
        (#"{"log_line":"is up"}"#, "echo web is up now"),
        (#"{"log_line":"is up"}"#, "printf web >&2; echo ' is up' >&2"),
    ])
    func `a process is starting until it gives its sign of readiness`(ready: String, sign: String) async throws {
        try await withAgent { bench in
            let go = "\(bench.agent.folder.path)/go"
            let command = sign.replacing("test-child", with: try Binaries.testChild)
            let script = "echo is; echo up; while ! [ -e \(go) ]; do sleep 0.01; done; \(command); sleep 1000"
            let pid = try await bench.start(
                config: #"{"name":"a","command":\#(shell(script)),"ready":\#(ready)}"#)
            let entry = try await bench.entry("a")
            #expect(entry["state"] == "starting" && entry["pid"]?.integer == pid && entry["want"] == "up")
            try bench.agent.folder.write("", to: "go")
            #expect(try await bench.state("running", of: "a")["pid"]?.integer == pid)
        }
    }

    @Test func `a process is starting until its TCP port is open`() async throws {
        let server = try LocalServer()
        try await withAgent { bench in
            _ = try await bench.start(.sleep("a").with("ready", ["tcp": .integer(server.port)]))
            #expect(try await bench.entry("a")["state"] == "starting")
            try server.open()
            try await bench.state("running", of: "a")
        }
    }

    @Test(arguments: [#""fd":3"#, #""log_line":"x""#, #""tcp":"127.0.0.1:1""#])
    func `a process that is not ready in time has failed to start`(sign: String) async throws {
        try await withAgent { bench in
            let pid = try await bench.start(
                config: #"{"name":"a","command":"sleep 1000","ready":{\#(sign),"timeout":0.2}}"#)
            let entry = try await bench.state("failed", of: "a")
            #expect(entry["error"] == "not ready within 0.2 s" && entry["want"] == "up")
            #expect(!SystemProcess(pid).exists)
            try await bench.health(["process a failed: not ready within 0.2 s"])
            try await bench.kill("a")
            try await bench.health([])
        }
    }

    @Test func `a process that is not ready in time is restarted by its policy`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(
                .sleep("a").with("ready", ["fd": 3, "timeout": 0.1]).with(
                    "restart", ["policy": "on_failure", "delay": 0, "start_limit": 2]))
            let entry = try await bench.state("failed", of: "a")
            #expect(entry["restarts"] == 2)
            #expect(entry["error"] == "2 restarts within 600 s, last not ready within 0.1 s")
            #expect(bench.agent.descendants.isEmpty)
        }
    }

    @Test func `each run has to give its sign of readiness`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.testChild("--notify-fd 3", name: "a").ready(fd: 3))
            for restarts in 0...2 {
                try await bench.entry("a") { $0["state"] == "running" && $0["restarts"]?.integer == restarts }
                #expect(try await bench.reset("a") != nil)
            }
        }
    }

    @Test func `a process that ends before it is ready has exited`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.shell("exit 4", name: "a").ready(fd: 3))
            #expect(try await bench.state("exited", of: "a")["exit_code"] == 4)
        }
    }

    @Test func `a process that is not ready yet can be stopped`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a").ready(fd: 3))
            try await bench.kill("a")
            #expect(!SystemProcess(pid).exists)
            #expect(try await bench.entry("a")["state"] == "exited")
            try await bench.health([])
        }
    }

    /// A pipe buffers 64 KiB (pipe(7)); the process writes more.
    @Test func `bytes after the sign of readiness are read, also after the death of worker and agent`() async throws {
        try await withAgent { bench in
            let script = """
                echo >&3; for step in 1 2 3; do until [ -e go$step ]; do sleep 0.01; done; \
                head -c 1500000 /dev/zero >&3; echo step $step; done; exec sleep 1000
                """
            _ = try await bench.start(.shell(script, name: "a").path(bench.agent.folder.path).ready(fd: 3))
            try await bench.state("running", of: "a")
            try bench.agent.folder.write("", to: "go1")
            try await bench.written("step 1", by: "a")
            try await bench.crashWorker()
            try bench.agent.folder.write("", to: "go2")
            try await bench.written("step 2", by: "a")
            bench.agent.kill()
            try await bench.startAgentAgain()
            try bench.agent.folder.write("", to: "go3")
            try await bench.written("step 3", by: "a")
        }
    }
}
