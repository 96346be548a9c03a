import Glibc
import TestSupport
import Testing

/// The agent's quotas, at the limit and one beyond it.
@Suite(.serialized) struct QuotaTests {
    private func withQuotas(_ settings: String, _ body: (AgentBench) async throws -> Void) async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":5,\#(settings)}"#)) { try await body($0) }
    }

    @Test func `requests in progress are limited`() async throws {
        try await withQuotas(#""max_requests":3"#) { bench in
            let slow = ProcessConfig.sleep("slow").with("ready", ["log_line": "never", "timeout": 3600])
            _ = try await bench.start(slow)
            var answers: [() async throws -> JSONValue] = []
            for index in 0..<3 {
                let config = ProcessConfig.sleep("w\(index)").dependsOn("slow")
                answers.append(try await bench.inbox(of: .startProcess(config)))
            }
            let refused = try await bench.method(.startProcess(.command("true")))
            #expect(refused["error"]?["code"] == "no_capacity")
            // Requests that end something are always accepted.
            #expect(try await bench.method(.killProcess("w0"))["status"] == "success")
            #expect(try await answers[0]()["result"]?["status"] == "failed")
            // That made room for one request.
            #expect(try await bench.method("get_processes")["status"] == "success")
        }
    }

    @Test func `requests per second are limited, and a stop passes a flood of starts`() async throws {
        try await withQuotas(#""max_requests_per_second":5"#) { bench in
            let pid = try await bench.start(.sleep("web"))
            let flooder = try await TestClient(bench.broker)
            let clock = ContinuousClock()
            let begin = clock.now
            for index in 0..<500 {
                try await flooder.publish(
                    bench.topic("control"),
                    #"{"method":"start_process","args":{"config":{"name":"f\#(index)","command":"sleep 1000"}}}"#,
                    qos: 0)
            }
            #expect(try await bench.method(.killProcess("web"))["status"] == "success")
            #expect(SystemProcess(pid).state != "S")
            let started = bench.agent.descendants.filter { $0.arguments.first == "sleep" }.count
            // A burst of five, and five more for each second that a slow host took.
            let most = 5 + 5 * (clock.now - begin).components.seconds + 5
            #expect(started >= 4 && started <= most, "\(started) of \(most)")
            try await eventually("there is room again") {
                try await bench.method("get_processes")["status"] == "success"
            }
        }
    }

    @Test func `refused requests count too`() async throws {
        try await withQuotas(#""max_requests_per_second":5"#) { bench in
            let clock = ContinuousClock()
            let begin = clock.now
            for _ in 0..<200 { try await bench.client.publish(bench.topic("control"), "{nonsense", qos: 0) }
            var codes: [String: Int] = [:]
            try await eventually("all are answered") {
                let lines = bench.agent.folder.read("state/audit.log").split(separator: "\n")
                guard lines.count == 200 else { return false }
                codes = Dictionary(
                    lines.compactMap { try? JSONValue(String($0))["result"]?.string }.map { ($0, 1) },
                    uniquingKeysWith: +)
                return true
            }
            let most = 5 + 5 * Int((clock.now - begin).components.seconds) + 5
            let judged = codes["malformed_request"] ?? 0
            #expect(judged > 0 && judged <= most && judged + (codes["no_capacity"] ?? 0) == 200, "\(codes)")
        }
    }

    @Test func `processes are limited, and ended ones with their retained topics`() async throws {
        try await withQuotas(#""max_processes":2,"max_ended":2"#) { bench in
            for name in ["a", "b"] { _ = try await bench.start(.sleep(name)) }
            let third = try await bench.method(.startProcess(.sleep()))
            #expect(third["error"]?["code"] == "no_capacity")
            for name in ["a", "b"] { _ = try await bench.method(.killProcess(name)) }
            #expect(try await bench.method("get_processes")["process"]?.array?.count == 2)
            _ = try await bench.start(.sleep("c"))
            _ = try await bench.method(.killProcess("c"))
            let left = try await bench.method("get_processes")["process"]?.array?.compactMap { $0["name"]?.string }
            #expect(left?.sorted() == ["b", "c"])
            try await eventually("its topic is cleared") {
                let states = try await bench.watcher(of: bench.topic("process/+"))
                try await states.settle()
                return states.messages.count == 2
            }
            let all = try await bench.watcher(of: "pm/h1/#")
            try await all.settle()
            #expect(all.messages.count <= 2 + 2 + 5)
        }
    }

    @Test func `a node has the limits of its host`() async throws {
        try await withQuotas(#""max_processes":2,"max_payload":1024"#) { bench in
            let watcher = try await bench.watcher(of: "pm/n/status")
            _ = try await bench.start(.node("n"))
            _ = try await watcher.next { $0.text == "online" }
            let answers = try await bench.watcher(of: "pm/reply/inner")
            func ask(_ request: String) async throws -> JSONValue? {
                try await bench.client.publish("pm/n/control", #"{\#(request),"reply_to":"pm/reply/inner"}"#)
                return try await answers.next { _ in true }.value["result"]
            }
            let start = #""method":"start_process","args":{"config":{"command":"sleep 1000"}}"#
            for _ in 0..<2 { #expect(try await ask(start)?["status"] == "success") }
            #expect(try await ask(start)?["error"]?["code"] == "no_capacity")
            let padding = String(repeating: "x", count: 1_024)
            let large = try await ask(#""method":"get_health","padding":"\#(padding)""#)
            #expect(large?["error"]?["code"] == "malformed_request")
        }
    }

    @Test func `the bytes of a request are limited`() async throws {
        try await withQuotas(#""max_payload":1024"#) { bench in
            func request(_ size: Int) -> String {
                let frame = #"{"method":"get_health","padding":""}"#
                return
                    #"{"method":"get_health","padding":"\#(String(repeating: "x", count: size - frame.utf8.count))"}"#
            }
            let atMost = try await bench.ask(request(1_024))
            #expect(atMost["result"]?["status"] == "success")
            let more = try await bench.ask(request(1_025))
            #expect(more["result"]?["error"]?["code"] == "malformed_request")
        }
    }

    @Test func `user properties count as bytes of a request`() async throws {
        try await withQuotas(#""max_payload":1024"#) { bench in
            let cases: [([[String]], isRefused: Bool)] = [
                ([["x", String(repeating: "y", count: 900)]], false),
                ([["x", String(repeating: "y", count: 1_000)]], true),
                (Array(repeating: ["", ""], count: 64), false), (Array(repeating: ["", ""], count: 65), true),
                (Array(repeating: ["pm-user", ""], count: 65), false),
                (Array(repeating: ["pm-user", ""], count: 100), true),
            ]
            for (user, isRefused) in cases {
                let answer = try await bench.ask(.call("get_health"), properties: .init(user: user))
                #expect((answer["result"]?["error"]?["code"] == "malformed_request") == isRefused, "\(user.count)")
            }
        }
    }

    /// In memory, each property takes twenty times its bytes on the wire.
    @Test func `a flood of user properties does not reach the agent`() async throws {
        try await withAgent { bench in
            let before = try #require(bench.agent.worker).residentMemory
            for _ in 0..<3 {
                let publish = RawPacket.publish(
                    bench.topic("control"), #"{"method":"get_health"}"#, emptyProperties: 1_400_000)
                _ = try await RawPacket.exchange([RawPacket.connect(), publish], bench.broker.socket)
            }
            let answer = try await bench.ask(.call("get_health"))
            #expect(answer["result"]?["status"] == "success")
            let after = try #require(bench.agent.worker).residentMemory
            #expect(after < before + (4 << 20), "\(before) to \(after)")
        }
    }

    /// The number of lines that a follower gets of 200 lines of 10,000 bytes, written while the broker is paused.
    private func linesThroughOutage(queue: Int) async throws -> (lines: Int, log: String) {
        try await withAgent(.init(configuration: #"{"max_queue":\#(queue),"max_log_rate":16777216}"#)) { bench in
            let folder = bench.agent.folder.path
            let script =
                "while ! [ -e go ]; do sleep 0.01; done; "
                + "for i in $(seq 200); do echo $(printf %09999d $i); sleep 0.01; done; echo end; exec sleep 1000"
            _ = try await bench.start(.shell(script, name: "a").path(folder))
            let watcher = try await bench.watcher(of: "pm/h1/log/#")
            _ = try await bench.method(.call("follow_log", ["process_id": "a", "stream": "stdout"]))
            bench.broker.pause()
            try bench.agent.folder.write("", to: "go")
            try await eventually("all is written") { bench.agent.folder.read("state/log/a.stdout").hasSuffix("end\n") }
            bench.broker.resume()
            var text = ""
            while !text.hasSuffix("end\n") { text += try await watcher.next { _ in true }.text }
            if queue < 1 << 20 { try await eventually("the log line") { bench.agent.log.contains("(max_queue)") } }
            return (text.split(separator: "\n").count - 1, bench.agent.log)
        }
    }

    @Test func `the bytes queued for the broker are limited`() async throws {
        let few = try await linesThroughOutage(queue: 512 << 10)
        #expect(few.lines < 200 && few.log.contains("(max_queue)"))
        let all = try await linesThroughOutage(queue: 4 << 20)
        #expect(all.lines == 200 && !all.log.contains("did not fit"))
    }

    @Test func `the bytes of waiting requests are limited`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            let pid = try await bench.sh(
                "trap '' TERM; : > \(bench.agent.folder.path)/ready; while :; do sleep 1000; done")
            try await eventually("the trap") { access("\(bench.agent.folder.path)/ready", F_OK) == 0 }
            let padding = String(repeating: "x", count: 250_000)
            let count = 12
            for _ in 0..<count {
                try await bench.send(
                    .call("kill_process", ["process_id": .integer(pid)]).with("x", .string(padding)).replyTo(
                        "pm/reply/w")
                )
            }
            // 8 of these requests fit into 2 MiB.
            for number in 0..<count {
                if number == count - 8 { kill(pid_t(-pid), SIGKILL) }
                let result = try await bench.client.next(on: "pm/reply/w").value["result"]
                #expect(result?["error"]?["code"]?.string == (number < count - 8 ? "no_capacity" : nil))
            }
        }
    }
}
