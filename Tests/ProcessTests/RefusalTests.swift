import Glibc
import TestSupport
import Testing

/// Refused requests, and their answers.
@Suite(.serialized) struct RefusalTests {
    private static let sleep = #""start_process":{"path":"/bin/sleep","args":["1000"]}"#

    /// Sends a request, and returns the answer on the default response topic.
    private func standard(_ request: String, on bench: AgentBench, properties: Message.Properties = .init())
        async throws -> JSONValue
    {
        try await bench.send(request, properties: properties)
        return try await bench.client.next(on: bench.topic("response")).value
    }

    @Test(arguments: [
        "a/+", "a/#", "+", "#", "$SYS/x", "$share/g/t", "pm/h1/control", "pm/h2/control", "pm/hub/control",
        "pm/h1/status", "pm/cluster/vm/control", "pm", "", "pm/h1/process/x",
    ])
    func `an invalid reply topic is refused with an answer on the default topic`(topic: String) async throws {
        try await withAgent { bench in
            let answer = try await standard(#"{\#(Self.sleep),"id":1,"reply_to":"\#(topic)"}"#, on: bench)
            #expect(answer["start_process"]?["success"] == false && answer["id"] == 1)
            #expect(answer["start_process"]?["error_message"]?.string?.hasPrefix("reply topic ") == true)
            let method = try await standard(
                #"{"method":"start_process","args":{"config":{"command":"sleep 1000"}},"reply_to":"\#(topic)"}"#,
                on: bench)
            #expect(
                method["result"]?["message"] == "process failed to start"
                    && method["result"]?["error"]?["code"] == "invalid_argument")
            // A broker refuses a Response Topic that is empty or has a wildcard.
            if !topic.isEmpty, !topic.contains("+"), !topic.contains("#") {
                let five = try await standard("{\(Self.sleep)}", on: bench, properties: .init(responseTopic: topic))
                #expect(five["start_process"]?["success"] == false)
            }
            try await bench.client.settle()
            #expect(bench.client.messages.isEmpty && bench.agent.descendants.isEmpty)
        }
    }

    @Test func `a request with an old timestamp has expired`() async throws {
        try await withAgent { bench in
            let now = time(nil)
            for good in ["\(now)", "\"\(now)\"", "\(now).5", "\(now - 50)", "\(now + 50)", "\(now)123", "\(now)123456"]
            {
                #expect(
                    try await bench.ask(#"{"list_active_processes":{},"timestamp":\#(good)}"#) == [
                        "list_active_processes": ["pids": []]
                    ])
            }
            for old in ["\(now - 61)", "\"\(now - 61)\"", "0", "-1", "\(now - 1_000_000)", "\(now - 61)000"] {
                let answer = try await bench.ask(#"{\#(Self.sleep),"timestamp":\#(old)}"#)
                #expect(answer == ["start_process": ["error_message": "expired", "success": false]], "\(old)")
                let method = try await bench.ask(#"{"method":"get_processes","timestamp":\#(old)}"#)
                let error = try #require(method["result"]?["error"])
                #expect(error["code"] == "expired")
                #expect(
                    error["detail"]?.string?.hasSuffix(" s ago by the clock of this host, and at most 60 s are allowed")
                        == true)
                #expect(error["clock"]?.number ?? 0 >= Double(now))
            }
            for bad in ["true", "[]", #""soon""#, #""""#, "{}", #""nan""#] {
                let answer = try await bench.ask(#"{"method":"get_processes","timestamp":\#(bad)}"#)
                #expect(answer["result"]?["error"]?["code"] == "malformed_request", "\(bad)")
            }
            #expect(bench.agent.descendants.isEmpty)
        }
    }

    @Test func `with a request_ttl of 0 no request expires`() async throws {
        try await withAgent(.init(configuration: #"{"request_ttl":0}"#)) { bench in
            try await bench.expect(.listActiveProcesses.with("timestamp", 1), ["list_active_processes": ["pids": []]])
        }
    }

    /// The broker drops an expired message. `RequestHeaderTests` covers a broker that delivers it.
    @Test func `a message that has not expired is executed`() async throws {
        try await withAgent { bench in
            let answer = try await bench.ask("{\(Self.sleep)}", properties: .init(expiryInterval: 1_000))
            #expect(answer["start_process"]?["success"] == true)
        }
    }

    @Test(arguments: ["text/plain", "application/cbor", "b0::process_manager::Response"])
    func `an unknown content type is refused`(type: String) async throws {
        try await withAgent { bench in
            let answer = try await bench.ask("{\(Self.sleep)}", properties: .init(contentType: type))
            let reason =
                "unsupported content type: use none, application/json or b0::process_manager::Request"
            #expect(answer == ["start_process": ["error_message": .string(reason), "success": false]])
            #expect(bench.agent.descendants.isEmpty)
        }
    }

    private static let nested = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
    private static let malformed: [(String, String)] = [
        ("", "empty"), ("no JSON", "not valid JSON at byte 1"), ("{", "not valid JSON at byte 1"),
        ("[1]", "not an object"), ("null", "not an object"),
        (#"{"start_process":\#(nested)}"#, "nested more than 32 levels deep"),
        (#"{"start_process":{"path":"/bin/sleep","path":"/bin/sleep"}}"#, #"duplicate key "path""#),
        (#"{"start_process":{"path":"/bin/sleep\u0000"}}"#, "a NUL character in a string"),
        (#"{"stop_process":{"pid":1}} x"#, "not valid JSON at byte 27"),
    ]

    @Test func `a request that can't be parsed is answered in both dialects, and quoted`() async throws {
        try await withAgent { bench in
            var texts = Self.malformed.map { (Array($0.utf8), $1) }
            texts.append(([0x7B, 0x22, 0xFF, 0x22, 0x7D], "not valid UTF-8"))
            texts.append(
                (
                    Array(#"{"x":""#.utf8) + [UInt8](repeating: 0x78, count: 300 * 1024) + Array(#""}"#.utf8),
                    "larger than 262144 bytes"
                ))
            for (text, reason) in texts {
                try await bench.client.publish(
                    bench.topic("control"), text, properties: .init(responseTopic: "pm/reply/me"))
                let answer = try await bench.client.next(on: "pm/reply/me").value
                let detail: JSONValue = .string("malformed request: \(reason)")
                #expect(answer["success"] == false && answer["error_message"] == detail)
                #expect(
                    answer["result"] == [
                        "status": "failed", "message": "malformed request",
                        "error": ["code": "malformed_request", "detail": detail],
                    ])
                if text.count > 1024 { #expect(answer["request"]?.string?.utf8.count == 1024) }
            }
            #expect(bench.agent.descendants.isEmpty)
        }
    }

    @Test func `missing and invalid fields are named, in the dialect of the request`() async throws {
        try await withAgent { bench in
            let blueZero: [(String, String, String)] = [
                ("start_process", "{}", "missing path"), ("start_process", #"{"path":7}"#, "path must be a string"),
                ("start_process", #"{"path":"/bin/sleep","args":[1000]}"#, "args must be an array of strings"),
                ("start_process", "7", "start_process must be an object"),
                ("stop_process", "{}", "missing pid"), ("stop_process", #"{"pid":1.5}"#, "pid must be a whole number"),
                ("stop_process", #"{"pid":"1"}"#, "pid must be a whole number"),
                ("stop_process", #"{"pid":true}"#, "pid must be a whole number"),
                ("query_process_status", #"{"pid":1e40}"#, "pid must be a whole number"),
                ("list_active_processes", "null", "list_active_processes must be an object"),
            ]
            for (command, body, reason) in blueZero {
                try await bench.expect(
                    "{\"\(command)\":\(body)}",
                    .object([command: ["error_message": .string(reason), "success": false]]))
            }
            let methods: [(String, String, String, String)] = [
                ("start_process", "{}", "process failed to start", "missing_argument"),
                ("start_process", #"{"config":7}"#, "process failed to start", "invalid_argument"),
                ("start_process", #"{"config":{"command":7}}"#, "process failed to start", "invalid_argument"),
                ("kill_process", "{}", "process failed to be killed", "missing_argument"),
                ("kill_process", #"{"process_id":1.5}"#, "process failed to be killed", "invalid_argument"),
                ("kill_process", #"{"process_id":0}"#, "process failed to be killed", "no_such_process"),
                ("kill_process", #"{"process_id":1}"#, "process failed to be killed", "no_such_process"),
                ("kill_process", #"{"process_id":-1}"#, "process failed to be killed", "no_such_process"),
                ("kill_process", #"{"process_id":9007199254740992}"#, "process failed to be killed", "no_such_process"),
                ("reset_process", "[]", "process failed to be reset", "invalid_argument"),
                ("stop_all", "{}", "unknown method", "unknown_method"),
            ]
            for (method, arguments, message, code) in methods {
                let result = try await bench.method(method, arguments)
                #expect(
                    result["status"] == "failed" && result["message"]?.string == message
                        && result["error"]?["code"]?.string == code, "\(method) \(arguments): \(result)")
            }
            for text in [
                #"{"stop_process":{"pid":1},"query_process_status":{"pid":1}}"#, #"{"unknown":{}}"#, "{}",
                #"{"list_hosts":{},"stop_process":{"pid":1}}"#,
            ] {
                let answer = try await bench.ask(text)
                #expect(answer["success"] == false && answer["result"]?["error"]?["code"] == "malformed_request")
            }
            #expect(bench.agent.descendants.isEmpty)
        }
    }

    @Test func `100,000 refused requests do not make it grow`() async throws {
        // Without a rate limit, which other tests cover.
        try await withAgent(.init(configuration: #"{"max_requests_per_second":1000000}"#)) { bench in
            let requests: [[UInt8]] = [
                "no JSON", #"{"stop_process":{"pid":1}}"#, #"{"method":"nothing","id":"x"}"#,
                #"{"start_process":{"path":"/no/such/program"}}"#,
                #"{"method":"kill_process","args":{"process_id":"nobody"}}"#, #"{"a":1,"a":2}"#,
                #"{"start_process":{"path":"/tmp"},"reply_to":"pm/h1/control"}"#,
                #"{"list_active_processes":{},"timestamp":1}"#, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "",
            ].map { Array($0.utf8) }
            func flood(_ count: Int) async throws {
                // In batches that each end with an answer, so that queues in between stay short.
                for portion in 0..<count / 1_000 {
                    for number in 0..<1_000 {
                        try bench.client.send(bench.topic("control"), requests[number % requests.count])
                    }
                    try await bench.expect(
                        .listActiveProcesses.id("\(count)-\(portion)"),
                        ["list_active_processes": ["pids": []], "id": .string("\(count)-\(portion)")])
                    bench.client.takeAll()
                }
            }
            try await flood(10_000)
            // The last refused starts may still be under way, and have descriptors.
            try await eventually("no process") { bench.agent.descendants.isEmpty }
            let agent = SystemProcess(bench.agent.pid)
            let before = agent.residentMemory
            let descriptors = agent.descriptors.count
            try await flood(100_000)
            #expect(agent.residentMemory < before + 4 << 20)
            try await eventually("no additional process or descriptor") {
                agent.descriptors.count <= descriptors && bench.agent.descendants.isEmpty
            }
        }
    }
}
