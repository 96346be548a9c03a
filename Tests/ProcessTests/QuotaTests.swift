import Glibc
import TestSupport
import Testing

/// What an agent takes on at most, at the limit and one past it.
@Suite(.serialized) struct QuotaTests {
    private func withQuotas(_ settings: String, _ body: (AgentBench) async throws -> Void) async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":5,\#(settings)}"#)) { try await body($0) }
    }

    @Test func `requests under way`() async throws {
        try await withQuotas(#""max_requests":3"#) { bench in
            let slow = #"{"name":"slow","command":"sleep 1000","ready":{"log_line":"never"}}"#
            _ = try await bench.start(config: slow)
            var answers: [() async throws -> JSONValue] = []
            for index in 0..<3 {
                let config = #"{"name":"w\#(index)","command":"sleep 1000","depends_on":["slow"]}"#
                answers.append(try await bench.inbox(of: #"{"method":"start_process","args":{"config":\#(config)}}"#))
            }
            let refused = try await bench.method("start_process", #"{"config":{"command":"true"}}"#)
            #expect(refused["error"]?["code"] == "no_capacity")
            // What ends something passes.
            #expect(try await bench.method("kill_process", #"{"process_id":"w0"}"#)["status"] == "success")
            #expect(try await answers[0]()["result"]?["status"] == "failed")
            // And so there is room for one.
            #expect(try await bench.method("get_processes")["status"] == "success")
        }
    }

    @Test func `requests a second: a stop gets through a flood of starts`() async throws {
        try await withQuotas(#""max_requests_per_second":5"#) { bench in
            let pid = try await bench.start(config: #"{"name":"web","command":"sleep 1000"}"#)
            let flooder = try await TestClient(bench.broker)
            for index in 0..<500 {
                try await flooder.publish(
                    bench.topic("control"),
                    #"{"method":"start_process","args":{"config":{"name":"f\#(index)","command":"sleep 1000"}}}"#,
                    qos: 0)
            }
            #expect(try await bench.method("kill_process", #"{"process_id":"web"}"#)["status"] == "success")
            #expect(SystemProcess(pid).state != "S")
            // The rest of the first burst, and what a slow machine was given meanwhile.
            let started = bench.agent.descendants.filter { $0.arguments.first == "sleep" }.count
            #expect(started >= 4 && started < 400, "\(started)")
            try await eventually("there is room again") {
                try await bench.method("get_processes")["status"] == "success"
            }
        }
    }

    @Test func `processes, and ended ones with their retained topics`() async throws {
        try await withQuotas(#""max_processes":2,"max_ended":2"#) { bench in
            for name in ["a", "b"] { _ = try await bench.start(config: #"{"name":"\#(name)","command":"sleep 1000"}"#) }
            let third = try await bench.method("start_process", #"{"config":{"command":"sleep 1000"}}"#)
            #expect(third["error"]?["code"] == "no_capacity")
            for name in ["a", "b"] { _ = try await bench.method("kill_process", #"{"process_id":"\#(name)"}"#) }
            #expect(try await bench.method("get_processes")["process"]?.array?.count == 2)
            _ = try await bench.start(config: #"{"name":"c","command":"sleep 1000"}"#)
            _ = try await bench.method("kill_process", #"{"process_id":"c"}"#)
            let left = try await bench.method("get_processes")["process"]?.array?.compactMap { $0["name"]?.string }
            #expect(left?.sorted() == ["b", "c"])
            try await eventually("its topic is cleared") {
                let states = try await bench.watcher(of: bench.topic("process/+"))
                try await states.settle()
                return states.messages.count == 2
            }
        }
    }

    @Test func `bytes of a request`() async throws {
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
}
