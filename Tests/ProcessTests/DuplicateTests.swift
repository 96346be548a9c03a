import Glibc
import TestSupport
import Testing

/// Requests that come twice: a duplicate is answered, and not carried out again.
@Suite(.serialized) struct DuplicateTests {
    /// A start with an id and, unless it is nil, a time at which it was sent.
    private static func start(_ id: String, at time: Int?) -> String {
        let timestamp = time.map { #","timestamp":\#($0)"# } ?? ""
        return #"{"start_process":{"path":"/bin/sleep","args":["1000"]},"id":\#(id)\#(timestamp)}"#
    }

    @Test(arguments: [#""a""#, #""""#, "0", "9007199254740991", "1.5"])
    func `a duplicate starts no second process and gets the same answer`(id: String) async throws {
        try await withAgent { bench in
            let start = Self.start(id, at: time(nil))
            let first = try await bench.ask(start)
            #expect(first["id"] == (try JSONValue("[\(id)]").array?.first))
            _ = try await bench.client.next(on: bench.topic("response"))
            #expect(try await bench.ask(start) == first)
            #expect(try await bench.client.next(on: bench.topic("response")).value == first)
            #expect(bench.agent.descendants.count == 1)
        }
    }

    /// Templates and scripts send every request with the same id.
    @Test func `with a constant id every request is carried out`() async throws {
        try await withAgent { bench in
            let pid = try await bench.ask(Self.start("1", at: nil))["start_process"]?["pid"]?.integer
            let second = try await bench.ask(Self.start("1", at: nil))["start_process"]?["pid"]?.integer
            #expect(pid != second && bench.agent.descendants.count == 2)
            let list = #"{"list_active_processes":{},"id":1,"timestamp":\#(time(nil))}"#
            #expect(try await bench.ask(list)["list_active_processes"]?["pids"]?.array?.count == 2)
            let stop = #"{"stop_process":{"pid":\#(try #require(pid))},"id":1}"#
            #expect(try await bench.ask(stop)["stop_process"]?["success"] == true)
            #expect(try await bench.ask(list)["list_active_processes"]?["pids"]?.array?.count == 1)
        }
    }

    @Test func `a duplicate is not carried out after the worker's death, and told of it`() async throws {
        try await withAgent { bench in
            let start = Self.start(#""w""#, at: time(nil))
            #expect(try await bench.ask(start)["start_process"]?["success"] == true)
            let worker = try #require(bench.agent.worker)
            worker.kill()
            try await eventually("another worker") { bench.agent.worker.map { $0.pid != worker.pid } ?? false }
            try await bench.isOnline()
            let again = try await bench.ask(start)["start_process"]
            #expect(again?["success"] == false)
            #expect(again?["error_message"] == "this request was carried out before, and its answer is lost")
            #expect(bench.agent.descendants.count == 1)
        }
    }

    @Test func `a process id that is a string of digits is a pid, unless a process has that name`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(config: #"{"name":"web","command":"sleep 1000"}"#)
            let byPID = try await bench.method("get_process", #"{"process_id":"\#(pid)"}"#)
            #expect(byPID["process"]?["process_id"] == "web")
            _ = try await bench.start(config: #"{"name":"\#(pid)","command":"sleep 1000"}"#)
            let byName = try await bench.method("get_process", #"{"process_id":"\#(pid)"}"#)
            #expect(byName["process"]?["process_id"]?.string == "\(pid)")
        }
    }

    @Test func `a refused request is carried out when it is sent again and allowed`() async throws {
        try await withAgent { bench in
            let late = try await bench.ask(Self.start(#""d""#, at: 1))
            #expect(late == ["start_process": ["error_message": "expired", "success": false], "id": "d"])
            let first = try await bench.ask(Self.start(#""d""#, at: time(nil)))
            #expect(first["start_process"]?["success"] == true)
            #expect(bench.agent.descendants.count == 1)
        }
    }

    @Test func `large answers in between do not make the agent forget`() async throws {
        try await withAgent { bench in
            let start = Self.start(#""a""#, at: time(nil))
            let first = try await bench.ask(start)
            let padding = String(repeating: "x", count: 200_000)
            for number in 0..<40 {
                let answer = try await bench.ask(
                    .call("get_health").with("id", .integer(number)).with("padding", .string(padding)))
                #expect(answer["request"]?["padding"]?.string?.count == padding.count)
            }
            #expect(try await bench.ask(start) == first)
            #expect(bench.agent.descendants.count == 1)
        }
    }

    @Test func `requests that differ in a byte, and requests without an id, are each carried out`() async throws {
        try await withAgent { bench in
            let now = time(nil)
            var starts = [#""1""#, "1", "1.0", #""é""#, "\"e\u{301}\""].map { Self.start($0, at: now) }
            starts += [Self.start("1", at: now - 1)]
            starts += Array(
                repeating: #"{"start_process":{"path":"/bin/sleep","args":["1000"]},"timestamp":\#(now)}"#, count: 2)
            var pids: Set<Int> = []
            for start in starts {
                pids.insert(try #require(try await bench.ask(start)["start_process"]?["pid"]?.integer))
            }
            #expect(pids.count == 8)
        }
    }

    @Test func `duplicates of a request under way are answered with it`() async throws {
        try await withAgent { bench in
            let pid = try await bench.sh(
                "trap '' TERM; : > \(bench.agent.folder.path)/ready; while :; do sleep 1000; done")
            try await eventually("the trap") { access("\(bench.agent.folder.path)/ready", F_OK) == 0 }
            for (reply, qos) in [("a", 1), ("b", 0), ("c", 1)] {
                try await bench.send(
                    #"{"stop_process":{"pid":\#(pid)},"id":"s"}"#, qos: qos,
                    properties: .init(responseTopic: "pm/reply/\(reply)"))
            }
            // After this answer, all earlier requests are known to be under way.
            _ = try await bench.ask(.listActiveProcesses)
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
            let slow = ProcessConfig.sleep("slow").with("ready", ["log_line": "never", "timeout": 3600])
            _ = try await bench.start(slow)
            let config = #"{"name":"w","command":"sleep 1000","depends_on":["slow"]}"#
            let start = #"{"method":"start_process","args":{"config":\#(config)},"id":"s"}"#
            for index in 0...101 {
                try await bench.send(start, properties: .init(responseTopic: "pm/reply/\(index)"))
            }
            let refused = try await bench.client.next { $0.topic.hasPrefix("pm/reply/") }
            #expect(refused.topic == "pm/reply/101")
            #expect(try refused.value["result"]?["error"]?["code"] == "no_capacity")
            _ = try await bench.method(.killProcess("w"))
            var codes: Set<String> = []
            for index in 0...100 {
                let result = try await bench.client.next(on: "pm/reply/\(index)").value["result"]
                codes.insert(result?["error"]?["code"]?.string ?? "-")
            }
            #expect(codes.count == 1 && !codes.contains("no_capacity") && !codes.contains("-"), "\(codes)")
        }
    }

    @Test func `a request under way stays known, however many others follow`() async throws {
        // The stop lasts until the test ends it.
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
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
            _ = try await bench.ask(.listActiveProcesses)
            try await bench.send(stop)
            _ = try await bench.ask(.listActiveProcesses)
            kill(pid_t(-pid), SIGKILL)
            var pids: Set<Int> = []
            for _ in 0..<3 {
                pids.insert(
                    try #require(try await bench.client.next(on: "pm/reply/stop").value["result"]?["pid"]?.integer))
            }
            #expect(pids.count == 1)
            #expect(try await bench.method("get_processes")["process"]?.array?.first?["restarts"] == 1)
            // It ignores SIGTERM as well, and the agent's end would wait for it.
            for pid in pids { kill(pid_t(-pid), SIGKILL) }
        }
    }
}
