import Glibc
import TestSupport
import Testing

/// `stop`: the stop signal, its target, and the grace period.
@Suite(.serialized) struct StopRulesTests {
    @Test(arguments: [
        (#"{"signal":"INT"}"#, 2), (#"{"signal":"SIGQUIT"}"#, 3), (#"{"signal":"usr1"}"#, 10), (#"{"signal":12}"#, 12),
        ("{}", 15),
    ])
    func `a stop begins with the signal in the config`(stop: String, number: Int) async throws {
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

    @Test func `a config's grace period can be shorter than the agent's`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            _ = try await bench.start(
                .testChild("--ignore-term --ready-line up", name: "a").ready(line: "up").with("stop", ["grace": 0.1]))
            try await bench.state("running", of: "a")
            try await bench.kill("a")
            #expect(try await bench.entry("a")["signal"]?.integer == 9)
        }
    }

    @Test func `a config's grace period can be longer than the agent's`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":0}"#)) { bench in
            let go = "\(bench.agent.folder.path)/go"
            let script =
                "trap 'while ! [ -e \(go) ]; do sleep 0.01; done; exit 42' TERM; echo up; while :; do sleep 0.01; done"
            _ = try await bench.start(.shell(script, name: "a").ready(line: "up").with("stop", ["grace": 3600]))
            try await bench.state("running", of: "a")
            let stop = try await bench.inbox(of: .killProcess("a"))
            try await bench.state("stopping", of: "a")
            try bench.agent.folder.write("", to: "go")
            #expect(try await stop()["result"]?["status"] == "success")
            #expect(try await bench.entry("a")["exit_code"]?.integer == 42)
        }
    }

    @Test func `a reset and the agent's end use the same stop rules`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            let seen = "\(bench.agent.folder.path)/seen"
            let script = "trap 'echo x >> \(seen); exit' HUP; echo up; while :; do sleep 0.01; done"
            _ = try await bench.start(.shell(script, name: "a").ready(line: "up").with("stop", ["signal": "HUP"]))
            try await bench.state("running", of: "a")
            #expect(try await bench.reset("a") != nil)
            #expect(bench.agent.folder.read("seen") == "x\n")
            try await bench.state("running", of: "a")
            #expect(try await bench.agent.stop() == 0)
            #expect(bench.agent.folder.read("seen") == "x\nx\n")
        }
    }

    /// A main process with two workers, which log the stop signals that they get. At TERM it ends them one after the
    /// other.
    private static let master = """
        [ -e order ] || : > order
        for n in one two; do
          (trap "echo $n stop >> order" TERM; trap "echo $n >> order; exit" USR1; echo up $n >> begun
           while :; do sleep 0.01; done) &
          eval $n=$!
        done
        trap 'for p in $one $two; do kill -USR1 $p; wait $p; done; echo main >> order; exit 7' TERM
        echo up main >> begun
        while :; do sleep 0.01; done
        """

    private func startMaster(_ bench: AgentBench, _ script: String, stop: String) async throws {
        let folder = bench.agent.folder
        try folder.write(script, to: "master.sh")
        _ = try await bench.start(
            config:
                #"{"name":"a","path":"\#(folder.path)","command":"sh master.sh","stop":\#(stop)}"#)
        try await eventually("all three processes") { folder.read("begun").split(separator: "\n").count == 3 }
    }

    @Test(arguments: ["kill", "reset", "shutdown"])
    func `with to main only the main process gets the stop signal, and ends its workers in order`(how: String)
        async throws
    {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            try await startMaster(bench, Self.master, stop: #"{"to":"main"}"#)
            switch how {
            case "kill":
                try await bench.kill("a")
                #expect(try await bench.entry("a")["exit_code"]?.integer == 7)
            case "reset": #expect(try await bench.reset("a") != nil)
            default: #expect(try await bench.agent.stop() == 0)
            }
            #expect(bench.agent.folder.read("order") == "one\ntwo\nmain\n")
        }
    }

    @Test func `with to tree all processes of the tree get the stop signal`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            let patient = "trap 'while [ $(grep -c stop order) -lt 2 ]; do sleep 0.01; done; "
            let script = Self.master.replacing("trap 'for", with: patient + "for")
            try await startMaster(bench, script, stop: #"{"to":"tree"}"#)
            try await bench.kill("a")
            let lines = bench.agent.folder.read("order").split(separator: "\n")
            #expect(Set(lines) == ["one stop", "two stop", "one", "two", "main"])
        }
    }

    @Test(arguments: ["exit 7", ":"])
    func `after the grace period the whole tree is killed, whatever the main process did`(deed: String) async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            let script = Self.master.replacing("for p in $one $two; do kill -USR1 $p; wait $p; done;", with: "")
                .replacing("exit 7", with: deed)
            try await startMaster(bench, script, stop: #"{"to":"main","grace":0.5}"#)
            try await bench.kill("a")
            #expect(bench.agent.folder.read("order") == "main\n")
            #expect(bench.agent.descendants.isEmpty)
            let entry = try await bench.entry("a")
            #expect(deed == ":" ? entry["signal"]?.integer == 9 : entry["exit_code"]?.integer == 7)
        }
    }

    @Test func `the remnants of a main process that ended by itself get the stop signal`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            let script = Self.master.replacing(" stop >> order\" TERM", with: " stop >> order; exit\" TERM")
            try await startMaster(bench, script, stop: #"{"to":"main"}"#)
            let pid = try #require(try await bench.entry("a")["pid"]?.integer)
            kill(pid_t(pid), SIGKILL)
            try await bench.state("exited", of: "a")
            let lines = bench.agent.folder.read("order").split(separator: "\n")
            #expect(Set(lines) == ["one stop", "two stop"])
        }
    }
}
