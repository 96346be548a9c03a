import Glibc
import TestSupport
import Testing

/// `stop`: the signal that asks a process to end, and how long it may take.
@Suite(.serialized) struct StopRulesTests {
    @Test(arguments: [
        (#"{"signal":"INT"}"#, 2), (#"{"signal":"SIGQUIT"}"#, 3), (#"{"signal":"usr1"}"#, 10), (#"{"signal":12}"#, 12),
        ("{}", 15),
    ])
    func `a stop begins with the signal of the config`(stop: String, number: Int) async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            let ready = "\(bench.agent.folder.path)/ready"
            let traps = [1, 2, 3, 10, 12, 15].map { "trap 'exit \(100 + $0)' \($0); " }.joined()
            let script = "\(traps): > \(ready); while :; do sleep 0.01; done"
            _ = try await bench.start(config: #"{"name":"a","command":\#(shell(script)),"stop":\#(stop)}"#)
            try await eventually("the traps") { access(ready, F_OK) == 0 }
            try await bench.kill("a")
            #expect(try await bench.entry("a")["exit_code"]?.integer == 100 + number)
        }
    }

    @Test func `its own grace period is shorter than the agent's`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            let child = try testChild("--ignore-term --ready-line up")
            _ = try await bench.start(
                config: #"{"name":"a","command":\#(child),"ready":{"log_line":"up"},"stop":{"grace":0.1}}"#)
            try await bench.state("running", of: "a")
            try await bench.kill("a")
            #expect(try await bench.entry("a")["signal"]?.integer == 9)
        }
    }

    @Test func `its own grace period is longer than the agent's`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":0}"#)) { bench in
            let go = "\(bench.agent.folder.path)/go"
            let script =
                "trap 'while ! [ -e \(go) ]; do sleep 0.01; done; exit 42' TERM; echo up; while :; do sleep 0.01; done"
            _ = try await bench.start(
                config:
                    #"{"name":"a","command":\#(shell(script)),"ready":{"log_line":"up"},"stop":{"grace":3600}}"#)
            try await bench.state("running", of: "a")
            let stop = try await bench.inbox(of: #"{"method":"kill_process","args":{"process_id":"a"}}"#)
            try await bench.state("stopping", of: "a")
            try bench.agent.folder.write("", to: "go")
            #expect(try await stop()["result"]?["status"] == "success")
            #expect(try await bench.entry("a")["exit_code"]?.integer == 42)
        }
    }

    @Test func `a reset and the agent's end stop by the same rules`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            let seen = "\(bench.agent.folder.path)/seen"
            let script = "trap 'echo x >> \(seen); exit' HUP; echo up; while :; do sleep 0.01; done"
            _ = try await bench.start(
                config: #"{"name":"a","command":\#(shell(script)),"ready":{"log_line":"up"},"stop":{"signal":"HUP"}}"#)
            try await bench.state("running", of: "a")
            #expect(try await bench.reset("a") != nil)
            #expect(bench.agent.folder.read("seen") == "x\n")
            try await bench.state("running", of: "a")
            #expect(try await bench.agent.stop() == 0)
            #expect(bench.agent.folder.read("seen") == "x\nx\n")
        }
    }
}
