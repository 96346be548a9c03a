import JSONCodec
import Model
import Testing
import Wire

/// The exact text of answers.
struct ResponseTests {
    private static let failure = Failure(.noSuchProcess, "no such pid")

    private func check(
        _ request: String, _ outcome: Outcome, _ answer: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(try Request(request).answer(outcome).sorted == JSON.of(answer), sourceLocation: sourceLocation)
    }

    private static func started() throws -> Outcome { .started(try #require(Name("a-1")), pid: 123) }

    @Test func `the BlueZero answers are those of its documentation`() throws {
        let start = #"{"start_process":{"path":"/full/path","args":["a","b"]}}"#
        try check(start, Self.started(), #"{"start_process":{"pid":123,"success":true}}"#)
        try check(
            start, .failed(Failure(.execFailed, "permission denied")),
            #"{"start_process":{"error_message":"permission denied","success":false}}"#)
        let stop = #"{"stop_process":{"pid":123}}"#
        try check(stop, .stopped, #"{"stop_process":{"success":true}}"#)
        try check(stop, .failed(Self.failure), #"{"stop_process":{"error_message":"no such pid","success":false}}"#)
        let query = #"{"query_process_status":{"pid":123}}"#
        try check(query, .running, #"{"query_process_status":{"running":true,"success":true}}"#)
        try check(
            query, .ended(.exited(code: 0)), #"{"query_process_status":{"exit_code":0,"running":false,"success":true}}"#
        )
        try check(
            query, .ended(.signaled(9)),
            #"{"query_process_status":{"exit_code":137,"signal":9,"running":false,"success":true}}"#)
        try check(
            query, .failed(Self.failure), #"{"query_process_status":{"error_message":"no such pid","success":false}}"#)
        try check(#"{"list_active_processes":{}}"#, .pids([1, 2]), #"{"list_active_processes":{"pids":[1,2]}}"#)
        try check(#"{"list_active_processes":{}}"#, .pids([]), #"{"list_active_processes":{"pids":[]}}"#)
    }

    @Test func `the id is at the top level`() throws {
        try check(#"{"stop_process":{"pid":1},"id":"x"}"#, .stopped, #"{"stop_process":{"success":true},"id":"x"}"#)
        try check(
            #"{"method":"kill_process","args":{"process_id":1},"id":0}"#, .stopped,
            #"{"id":0,"request":{"method":"kill_process","args":{"process_id":1},"id":0},"result":{"status":"success","message":"process kill successfully"}}"#
        )
        try check(
            #"{"id":""}"#, .failed(Failure(.malformedRequest, "unknown command")),
            #"{"id":"","success":false,"error_message":"unknown command","request":{"id":""},"result":{"status":"failed","message":"malformed request","error":{"code":"malformed_request","detail":"unknown command"}}}"#
        )
    }

    @Test func `an answer through the hub has the host and success`() throws {
        try check(
            #"{"stop_process":{"pid":1},"host_name":"h","id":1}"#, .failed(Self.failure),
            #"{"stop_process":{"error_message":"no such pid","success":false},"host_name":"h","success":true,"id":1}"#)
        try check(
            #"{"list_active_processes":{},"host_name":"h"}"#, .pids([]),
            #"{"list_active_processes":{"pids":[]},"host_name":"h","success":true}"#)
    }

    @Test(arguments: [
        ("start_process", #""config":{"command":"a"}"#, "process failed to start"),
        ("kill_process", #""process_id":"a-1""#, "process failed to be killed"),
        ("reset_process", #""process_id":"a-1""#, "process failed to be reset"),
        ("get_health", "", "unable to get health"), ("get_processes", "", "unable to get health"),
        ("signal_process", #""process_id":"a-1","signal":1"#, "process failed to be signaled"),
        ("remove_process", #""process_id":"a-1""#, "process failed to be removed"),
        ("get_process", #""process_id":"a-1""#, "unable to get process"),
        ("get_log", #""process_id":"a-1""#, "unable to get log"),
        ("follow_log", #""process_id":"a-1""#, "log failed to be followed"),
        ("unfollow_log", #""process_id":"a-1""#, "log failed to be unfollowed"),
        ("apply", #""processes":[]"#, "processes failed to be applied"),
        ("shutdown", "", "agent failed to shut down"),
        ("get_nothing", "", "unknown method"),
    ])
    func `a failed method has its message, code and detail`(method: String, arguments: String, message: String) throws {
        let request = #"{"method":"\#(method)","args":{\#(arguments)},"extra":[1,{}]}"#
        try check(
            request, .failed(Failure(.internal, "why")),
            #"{"request":\#(request),"result":{"status":"failed","message":"\#(message)","error":{"code":"internal","detail":"why"}}}"#
        )
    }

    @Test func `a successful method has its message`() throws {
        let start = #"{"method":"start_process","args":{"config":{"command":"a"}}}"#
        try check(
            start, Self.started(),
            #"{"request":\#(start),"result":{"status":"success","message":"process started successfully","process_id":"a-1","pid":123}}"#
        )
        let kill = #"{"method":"kill_process","args":{"process_id":"a-1"}}"#
        try check(
            kill, .stopped, #"{"request":\#(kill),"result":{"status":"success","message":"process kill successfully"}}"#
        )
        let reset = #"{"method":"reset_process","args":{"process_id":"a-1"}}"#
        try check(
            reset, .reset(try #require(Name("a-1")), pid: 5),
            #"{"request":\#(reset),"result":{"status":"success","message":"process reset successfully","process_id":"a-1","pid":5}}"#
        )
        let list = #"{"method":"get_processes"}"#
        try check(list, .processes([]), #"{"request":\#(list),"result":{"status":"success","process":[]}}"#)
    }

    @Test func `a request is quoted unchanged`() throws {
        let text = " { \"method\" : \"get_processes\" ,\n \"n\": 1.50e1 } "
        let bytes = Response.encode(.processes([]), to: Request(text).header).0
        #expect(String(decoding: bytes, as: UTF8.self).contains(text))
    }

    @Test func `a malformed request is quoted as a string of up to 1,024 bytes`() throws {
        let failure = Outcome.failed(Failure(.malformedRequest, "x"))
        #expect(try Request("{not \"json\"").answer(failure)["request"] == "{not \"json\"")
        #expect(try Request("a\0b\0").answer(failure)["request"] == "ab")
        #expect(try Request("").answer(failure)["request"] == "")
        let long = try Request(String(repeating: "x", count: 300 * 1024)).answer(failure)
        #expect(long["request"]?.string?.utf8.count == 1024)
        let cut = try Request("x" + String(repeating: "é", count: 1000)).answer(failure)["request"]?.string
        #expect(cut == "x" + String(repeating: "é", count: 511) + "\u{fffd}")
        let invalid = Request(([0xFF, 0x41, 0xC0] as [UInt8]).span)
        #expect(try invalid.answer(failure)["request"] == "\u{fffd}A\u{fffd}")
    }

    @Test(arguments: [
        "not json", "", "[]", "1", "{}", #"{"unknown_command":{}}"#, #"{"stop_process":{},"query_process_status":{}}"#,
    ])
    func `the answer to a request in no dialect has the fields of both`(text: String) throws {
        let request = Request(text)
        let failure = try #require(request.failure)
        let answer = try request.answer(.failed(failure))
        #expect(answer["success"] == false)
        #expect(answer["error_message"]?.string == failure.detail)
        #expect(answer["result"]?["status"] == "failed")
        #expect(answer["result"]?["error"]?["code"]?.string == "malformed_request")
        #expect(answer["request"] != nil)
        #expect(Response.encode(.failed(failure), to: request.header).1 == .json)
    }

    @Test func `the content type depends on the dialect`() {
        #expect(
            Response.encode(.stopped, to: Request(#"{"stop_process":{"pid":1}}"#).header).1.rawValue
                == "b0::process_manager::Response")
        #expect(
            Response.encode(.stopped, to: Request(#"{"method":"kill_process"}"#).header).1.rawValue
                == "application/json")
    }
}
