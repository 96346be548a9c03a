import Glibc
import TestSupport
import Testing

/// The retained topics of a host.
@Suite(.serialized) struct PresenceTests {
    private static func text(_ topic: String, on bench: AgentBench) async throws -> String {
        let watcher = try await bench.watcher(of: topic)
        let message = try await watcher.next(on: topic)
        #expect(message.isRetained)
        return message.text
    }

    @Test func `status, info and health are retained at the start`() async throws {
        try await withAgent(.init(configuration: #"{"labels":{"rack":"7","é":""}}"#)) { bench in
            // When the agent answers, its messages after the connect have been sent.
            _ = try await bench.method("get_health")
            #expect(try await Self.text(bench.topic("status"), on: bench) == "online")
            let info = try JSONValue(try await Self.text(bench.topic("info"), on: bench))
            let system: Set = ["kernel", "arch", "cpus", "memory_total"]
            // Some systems have no os-release.
            #expect(
                info.keys?.subtracting(["os"])
                    == system.union(["host", "version", "protocol", "drivers", "labels", "limits"]))
            #expect(info["host"] == "h1" && info["protocol"] == 1)
            #expect(info["drivers"]?["exec"] == ["available": true] && info["drivers"]?["node"] == ["available": true])
            #expect(info["labels"] == ["rack": "7", "é": ""])
            let health = try JSONValue(try await Self.text(bench.topic("health"), on: bench))
            #expect(health["health"] == "good" && health["host"] == "h1")
        }
    }

    @Test func `health that does not change is sent less and less often, and says so`() async throws {
        let settings = #"{"health_interval":0.2,"health_max_interval":1,"stop_grace":10}"#
        try await withAgent(.init(configuration: settings)) { bench in
            let watcher = try await bench.watcher(of: bench.topic("health"))
            func heard(_ intervals: String...) async throws {
                for interval in intervals {
                    _ = try await watcher.next { $0.text.contains("\"interval\":\(interval),") }
                }
            }
            try await heard("1")
            // Changes the counts.
            _ = try await bench.start(.sleep("a"))
            try await heard("0.2", "0.4", "0.8", "1")
        }
    }

    /// It would double the bytes of an idle agent.
    @Test func `an agent does not get its own health back`() async throws {
        let debug = Broker.Options(extra: ["log_type debug"])
        try await withAgent(.init(configuration: #"{"health_interval":0.1,"stop_grace":10}"#), broker: debug) { bench in
            let watcher = try await bench.watcher(of: bench.topic("health"))
            for _ in 0..<10 { _ = try await watcher.next { _ in true } }
            let lines = bench.broker.log.split(separator: "\n").filter {
                $0.contains("Sending PUBLISH to pm-agent-h1 ") && $0.contains("'pm/h1/health'")
            }
            // The first one, and what is retained at the second subscription.
            #expect((1...2).contains(lines.count), "\(lines)")
        }
    }

    @Test func `a killed agent's will says offline, and the next agent clears outdated topics`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("old"))
            try await bench.state("running", of: "old")
            try await bench.client.publish(bench.topic("process/older"), #"{"process_id":"older"}"#, retain: true)
            let watcher = try await bench.watcher(of: "pm/h1/#")
            try await watcher.settle()
            watcher.takeAll()
            bench.agent.kill()
            #expect(try await watcher.next(on: bench.topic("status")).text == "offline")
            #expect(try await Self.text(bench.topic("status"), on: bench) == "offline")
            try bench.agent.start()
            // The worker may have published `offline` before its will was.
            _ = try await watcher.next { $0.topic == bench.topic("status") && $0.text == "online" }
            _ = try await watcher.next { $0.topic == bench.topic("process/older") && $0.payload.isEmpty }
            let late = try await bench.watcher(of: "pm/h1/process/+")
            try await late.settle()
            #expect(try late.messages.map { try $0.value["pid"]?.integer } == [pid])
        }
    }

    @Test(arguments: [false, true]) func `offline on the status topic of a connected agent is corrected`(
        isRetained: Bool
    )
        async throws
    {
        try await withAgent { bench in
            let watcher = try await bench.watcher(of: bench.topic("status"))
            _ = try await watcher.next { $0.isRetained }
            try await bench.client.publish(bench.topic("status"), "offline", retain: isRetained)
            #expect(try await watcher.next(on: bench.topic("status")).text == "offline")
            #expect(try await watcher.next(on: bench.topic("status")).text == "online")
            #expect(try await Self.text(bench.topic("status"), on: bench) == "online")
        }
    }

    @Test func `health is periodic, with a rising seq and a constant session`() async throws {
        try await withAgent(.init(arguments: ["--health-interval", "0.1"])) { bench in
            let watcher = try await bench.watcher(of: bench.topic("health"))
            var last: JSONValue?
            for _ in 0..<4 {
                let health = try await watcher.next(on: bench.topic("health")).value
                #expect(health["interval"] == 0.1)
                if let last {
                    #expect(health["session"] == last["session"])
                    #expect(health["seq"]?.integer ?? 0 > last["seq"]?.integer ?? 0)
                    #expect(health["timestamp"]?.number ?? 0 >= last["timestamp"]?.number ?? 0)
                }
                last = health
            }
        }
    }

    @Test func `health becomes bad at once, with a reason, and good again`() async throws {
        // With this interval, only a change causes a message.
        try await withAgent(.init(arguments: ["--health-interval", "86400"])) { bench in
            let program = "\(bench.agent.folder.path)/program"
            func install() throws {
                try bench.agent.folder.write("#!/bin/sh\nexec sleep 1000\n", to: "program")
                #expect(chmod(program, 0o700) == 0)
            }
            try install()
            _ = try await bench.start(config: #"{"name":"p","path":"\#(program)"}"#)
            let watcher = try await bench.watcher(of: bench.topic("health"))
            #expect(try await watcher.next(on: bench.topic("health")).value["health"] == "good")
            unlink(program)
            let reset = try await bench.method(.resetProcess("p"))
            #expect(reset["status"] == "failed" && reset["message"] == "process failed to be reset")
            #expect(reset["error"]?["code"] == "exec_failed")
            let bad = try await watcher.next { (try? $0.value)?["health"] == "bad" }.value
            #expect(bad["reasons"]?.array?.count == 1)
            #expect(bad["reasons"]?.array?.first?.string?.contains("process p failed") == true)
            #expect(bad["processes"] == ["running": 0, "failed": 1, "total": 1])
            let entry = try await bench.entry("p")
            #expect(
                entry["state"] == "failed" && entry["want"] == "up" && entry["error"] != nil && entry["pid"] == nil)
            try install()
            #expect(try await bench.method(.resetProcess("p"))["status"] == "success")
            try await bench.health([])
        }
    }

    @Test func `a process's topic follows its states`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a"))
            let running = try await bench.state("running", of: "a")
            #expect(running["pid"]?.integer == pid && running["process_id"] == "a" && running["want"] == "up")
            kill(pid_t(pid), SIGKILL)
            let exited = try await bench.state("exited", of: "a")
            #expect(exited["exit_code"] == 137 && exited["signal"] == 9 && exited["pid"] == nil)
            let fields = try await bench.entry("a")
            #expect(exited == fields)
        }
    }

    @Test func `a failed start leaves no process`() async throws {
        try await withAgent { bench in
            _ = try await bench.method(.startProcess(.command("/no/such", name: "a")))
            #expect(try await bench.method("get_processes")["process"] == [])
            let late = try await bench.watcher(of: "pm/h1/process/+")
            try await late.settle()
            #expect(late.messages.isEmpty)
            #expect(try await bench.method("get_health")["health"] == "good")
        }
    }

    @Test func `at SIGTERM the agent stops its processes, publishes offline and exits with 0`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":0.2}"#)) { bench in
            let ready = "\(bench.agent.folder.path)/ready"
            _ = try await bench.start(
                .shell("trap '' TERM; : > \(ready); sleep 1000 & while :; do sleep 1000; done", name: "a"))
            try await eventually("the trap") { access(ready, F_OK) == 0 }
            _ = try await bench.start(.sleep("b"))
            let watcher = try await bench.watcher(of: bench.topic("status"))
            _ = try await watcher.next { $0.isRetained }
            #expect(try await bench.agent.stop() == 0)
            #expect(try await watcher.next(on: bench.topic("status")).text == "offline")
            #expect(bench.agent.descendants.isEmpty)
            for (id, code) in [("a", 137), ("b", 143)] {
                let entry = try JSONValue(try await Self.text(bench.topic("process/\(id)"), on: bench))
                #expect(entry["state"] == "exited" && entry["exit_code"]?.integer == code)
            }
        }
    }

    @Test func `nothing is started while the agent shuts down, and a second SIGTERM does not wait`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            let ready = "\(bench.agent.folder.path)/ready"
            _ = try await bench.sh("trap '' TERM; : > \(ready); while :; do sleep 1000; done")
            try await eventually("the trap") { access(ready, F_OK) == 0 }
            bench.agent.signal(SIGTERM)
            try await eventually("the shutdown") { bench.agent.log.contains("stopping") }
            let start = try await bench.ask(.startProcess(path: "/bin/sleep", args: ["1000"]))
            #expect(start == ["start_process": ["error_message": "the agent is shutting down", "success": false]])
            bench.agent.signal(SIGTERM)
            #expect(try await bench.agent.ended() == 0)
        }
    }

    @Test func `SIGHUP reads the configuration again`() async throws {
        try await withAgent(.init(configuration: #"{"labels":{"a":"1"}}"#)) { bench in
            let watcher = try await bench.watcher(of: bench.topic("info"))
            #expect(try await watcher.next(on: bench.topic("info")).value["labels"] == ["a": "1"])
            try bench.agent.folder.write(
                #"{"labels":{"b":"2"},"max_processes":1,"health_interval":99}"#, to: "agent.json")
            bench.agent.signal(SIGHUP)
            #expect(try await watcher.next(on: bench.topic("info")).value["labels"] == ["b": "2"])
            #expect(try await bench.method("get_health")["interval"] == 99)
            _ = try await bench.sh("exec sleep 1000")
            #expect(
                try await bench.ask(#"{"start_process":{"path":"/bin/true"}}"#)["start_process"]?["error_message"]
                    == "too many processes")
            // A broken file changes nothing.
            try bench.agent.folder.write(#"{"labels":"#, to: "agent.json")
            bench.agent.signal(SIGHUP)
            try await eventually("the refusal") { bench.agent.log.contains("kept the configuration") }
            #expect(try JSONValue(try await Self.text(bench.topic("info"), on: bench))["labels"] == ["b": "2"])
        }
    }

    @Test func `status and health are published again after another client clears them`() async throws {
        try await withAgent(.init(arguments: ["--health-interval", "0.2"])) { bench in
            try await bench.client.publish(bench.topic("status"), "", retain: true)
            try await bench.isOnline()
            let watcher = try await bench.watcher(of: bench.topic("health"))
            _ = try await watcher.next { !$0.isRetained && !$0.payload.isEmpty }
        }
    }
}
