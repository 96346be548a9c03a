import Glibc
import TestSupport
import Testing

/// A request with a known id: answered, and not carried out again.
@Suite(.serialized) struct DuplicateTests {
    private static func start(_ id: String, _ reply: String) -> String {
        #"{"start_process":{"path":"/bin/sleep","args":["1000"]},"id":\#(id),"reply_to":"pm/reply/\#(reply)"}"#
    }

    @Test(arguments: [#""a""#, #""""#, "0", "9007199254740991", "1.5"])
    func `a duplicate starts no second process and gets the same answer`(id: String) async throws {
        try await withAgent { bench in
            try await bench.send(Self.start(id, "one"))
            let first = try await bench.client.next(on: "pm/reply/one").value
            #expect(first["id"] == (try JSONValue("[\(id)]").array?.first))
            _ = try await bench.client.next(on: bench.topic("response"))
            try await bench.send(Self.start(id, "two"), qos: 0)
            let second = try await bench.client.next(on: "pm/reply/two")
            #expect(try second.value == first)
            #expect(second.qos == 0)
            #expect(try await bench.client.next(on: bench.topic("response")).value == first)
            #expect(bench.agent.descendants.count == 1)
        }
    }

    @Test func `a duplicate is answered even if its timestamp has expired`() async throws {
        try await withAgent { bench in
            let start = #"{"start_process":{"path":"/bin/sleep","args":["1000"]},"id":"d""#
            // A refused request does not use up its id.
            let late = try await bench.ask(start + #","timestamp":1}"#)
            #expect(late == ["start_process": ["error_message": "expired", "success": false], "id": "d"])
            let first = try await bench.ask(start + "}")
            #expect(first["start_process"]?["success"] == true)
            #expect(try await bench.ask(start + #","timestamp":1}"#) == first)
            #expect(bench.agent.descendants.count == 1)
        }
    }

    @Test func `another command under the same id gets the answer of the first`() async throws {
        try await withAgent { bench in
            let first = try await bench.ask(#"{"list_active_processes":{},"id":"same"}"#)
            let other = #"{"start_process":{"path":"/bin/sleep","args":["1000"]},"id":"same"}"#
            #expect(try await bench.ask(other) == first)
            #expect(bench.agent.descendants.isEmpty)
        }
    }

    @Test func `large answers in between do not make the agent forget`() async throws {
        try await withAgent { bench in
            try await bench.send(Self.start("\"a\"", "one"))
            let first = try await bench.client.next(on: "pm/reply/one").value
            let padding = String(repeating: "x", count: 200_000)
            for number in 0..<40 {
                let answer = try await bench.ask(
                    #"{"method":"get_health","id":\#(number),"padding":"\#(padding)"}"#)
                #expect(answer["request"]?["padding"]?.string?.count == padding.count)
            }
            try await bench.send(Self.start("\"a\"", "two"))
            #expect(try await bench.client.next(on: "pm/reply/two").value == first)
            #expect(bench.agent.descendants.count == 1)
        }
    }

    @Test func `ids that differ, and requests without one, are each carried out`() async throws {
        try await withAgent { bench in
            for id in [#""1""#, "1", "1.5", #""é""#, "\"e\u{301}\""] { try await bench.send(Self.start(id, "x")) }
            for _ in 0..<2 {
                try await bench.send(
                    #"{"start_process":{"path":"/bin/sleep","args":["1000"]},"reply_to":"pm/reply/x"}"#)
            }
            var pids: Set<Int> = []
            for _ in 0..<7 {
                pids.insert(
                    try #require(try await bench.client.next(on: "pm/reply/x").value["start_process"]?["pid"]?.integer))
            }
            #expect(pids.count == 7)
        }
    }

    @Test func `duplicates of a request under way are answered with it`() async throws {
        try await withAgent { bench in
            let pid = try await bench.sh(
                "trap '' TERM; : > \(bench.agent.folder.path)/ready; while :; do sleep 1000; done")
            try await eventually("the trap") { access("\(bench.agent.folder.path)/ready", F_OK) == 0 }
            for (reply, qos) in [("a", 1), ("b", 0), ("c", 1)] {
                try await bench.send(
                    #"{"stop_process":{"pid":\#(pid)},"id":"s","reply_to":"pm/reply/\#(reply)"}"#, qos: qos)
            }
            // After this answer, all earlier requests are known to be under way.
            _ = try await bench.ask(#"{"list_active_processes":{}}"#)
            #expect(SystemProcess(pid).exists)
            kill(pid_t(-pid), SIGKILL)
            for (reply, qos) in [("a", 1), ("b", 0), ("c", 1)] {
                let answer = try await bench.client.next(on: "pm/reply/\(reply)")
                #expect(try answer.value == ["stop_process": ["success": true], "id": "s"])
                #expect(answer.qos == qos)
            }
        }
    }

    @Test func `a hundred duplicates may wait for one answer`() async throws {
        try await withAgent { bench in
            let slow = #"{"name":"slow","command":"sleep 1000","ready":{"log_line":"never","timeout":3600}}"#
            _ = try await bench.start(config: slow)
            let config = #"{"name":"w","command":"sleep 1000","depends_on":["slow"]}"#
            let start = #"{"method":"start_process","args":{"config":\#(config)},"id":"s","reply_to":"pm/reply/"#
            for index in 0...101 { try await bench.send(start + "\(index)\"}") }
            let refused = try await bench.client.next { $0.topic.hasPrefix("pm/reply/") }
            #expect(refused.topic == "pm/reply/101")
            #expect(try refused.value["result"]?["error"]?["code"] == "no_capacity")
            _ = try await bench.method("kill_process", #"{"process_id":"w"}"#)
            var codes: Set<String> = []
            for index in 0...100 {
                let result = try await bench.client.next(on: "pm/reply/\(index)").value["result"]
                codes.insert(result?["error"]?["code"]?.string ?? "-")
            }
            #expect(codes.count == 1 && !codes.contains("no_capacity") && !codes.contains("-"), "\(codes)")
        }
    }

    @Test func `a request under way stays known, however many others follow`() async throws {
        try await withAgent { bench in
            let pid = try await bench.sh(
                "trap '' TERM; : > \(bench.agent.folder.path)/ready; while :; do sleep 1000; done")
            try await eventually("the trap") { access("\(bench.agent.folder.path)/ready", F_OK) == 0 }
            let stop =
                #"{"method":"reset_process","args":{"process_id":\#(pid)},"id":"under way","reply_to":"pm/reply/stop"}"#
            for _ in 0..<2 { try await bench.send(stop) }
            for number in 0..<10_050 {
                try bench.client.send(
                    bench.topic("control"), Array(#"{"query_process_status":{"pid":1},"id":\#(number)}"#.utf8), qos: 1)
            }
            _ = try await bench.ask(#"{"list_active_processes":{}}"#)
            try await bench.send(stop)
            _ = try await bench.ask(#"{"list_active_processes":{}}"#)
            kill(pid_t(-pid), SIGKILL)
            var pids: Set<Int> = []
            for _ in 0..<3 {
                pids.insert(
                    try #require(try await bench.client.next(on: "pm/reply/stop").value["result"]?["pid"]?.integer))
            }
            #expect(pids.count == 1)
            #expect(try await bench.method("get_processes")["process"]?.array?.first?["restarts"] == 1)
        }
    }
}
