import JSONCodec
import Model
import Testing
import Wire

struct RequestTests {
    @Test(
        arguments: [
            (
                #"{"start_process":{"path":"/bin/a","args":["b",""]}}"#,
                .start(.init(invocation: .program(path: "/bin/a", arguments: ["b", ""])))
            ),
            (
                #"{"start_process":{"path":"/bin/a"}}"#,
                .start(.init(invocation: .program(path: "/bin/a", arguments: [])))
            ),
            (
                #"{"start_process":{"path":"/bin/a","unknown":1},"other":null}"#,
                .start(.init(invocation: .program(path: "/bin/a", arguments: [])))
            ),
            (#"{"stop_process":{"pid":123}}"#, .stop(.pid(123))), (#"{"stop_process":{"pid":-1}}"#, .stop(.pid(-1))),
            (#"{"stop_process":{"pid":9007199254740992}}"#, .stop(.pid(9_007_199_254_740_992))),
            (#"{"query_process_status":{"pid":1.0}}"#, .query(.pid(1))),
            (#"{"list_active_processes":{}}"#, .listActive),
            (#"{"list_active_processes":{"x":1},"id":1}"#, .listActive),
            (#"{"method":"get_health"}"#, .getHealth),
            (#"{"method":"get_processes","args":{}}"#, .getProcesses(of: nil)),
            (#"{"method":"kill_process","args":{"process_id":5}}"#, .stop(.pid(5))),
            (#"{"method":"reset_process","args":{"process_id":5}}"#, .reset(.pid(5))),
        ] as [(String, Command)])
    func `a request is decoded`(text: String, command: Command) {
        #expect(Request(text).command == .success(command))
    }

    @Test func `a process is referred to by its id`() throws {
        let id = try #require(Name("web.1"))
        #expect(
            Request(#"{"method":"kill_process","args":{"process_id":"web.1"}}"#).command == .success(.stop(.id(id))))
        let digits = try #require(Name("123"))
        #expect(
            Request(#"{"method":"reset_process","args":{"process_id":"123"}}"#).command == .success(.reset(.id(digits)))
        )
    }

    @Test(
        arguments: [
            (
                #"{"name":"n","path":"/d","command":"a 'b c'","env":{"X":"1","Y":""}}"#, "n", ["a", "b c"], "/d",
                ["X=1", "Y="]
            ),
            (#"{"command":["a","b c",""]}"#, nil, ["a", "b c", ""], nil, []),
            (#"{"path":"/bin/true"}"#, nil, [], "/bin/true", []),
            (#"{"command":"a","env":{}}"#, nil, ["a"], nil, []),
        ] as [(String, String?, [String], String?, [String])])
    func `a config is decoded`(config: String, name: String?, words: [String], path: String?, env: [String]) throws {
        guard
            case .success(.start(let spec)) = Request(#"{"method":"start_process","args":{"config":\#(config)}}"#)
                .command
        else {
            Issue.record("not a start: \(config)")
            return
        }
        #expect(spec.name?.description == name)
        #expect(spec.driver == "exec")
        #expect(spec.invocation == .command(words: words, path: path))
        #expect(spec.environment.map { "\($0.name)=\($0.value.json.string ?? "?")" } == env)
    }

    @Test(arguments: [
        (#"{"start_process":{}}"#, ErrorCode.missingArgument, "missing path"),
        (#"{"start_process":{"path":1}}"#, .invalidArgument, "path must be a string"),
        (#"{"start_process":{"path":null}}"#, .missingArgument, "missing path"),
        (#"{"start_process":{"path":""}}"#, .invalidArgument, "path must be absolute"),
        (#"{"start_process":{"path":"bin/true"}}"#, .invalidArgument, "path must be absolute"),
        (#"{"start_process":{"path":"/a","args":"b"}}"#, .invalidArgument, "args must be an array of strings"),
        (#"{"start_process":{"path":"/a","args":[1]}}"#, .invalidArgument, "args must be an array of strings"),
        (#"{"start_process":{"path":"/a","args":[null]}}"#, .invalidArgument, "args must be an array of strings"),
        (#"{"start_process":[]}"#, .invalidArgument, "start_process must be an object"),
        (#"{"start_process":null}"#, .invalidArgument, "start_process must be an object"),
        (#"{"stop_process":{}}"#, .missingArgument, "missing pid"),
        (#"{"stop_process":{"pid":"1"}}"#, .invalidArgument, "pid must be a whole number"),
        (#"{"stop_process":{"pid":1.5}}"#, .invalidArgument, "pid must be a whole number"),
        (#"{"stop_process":{"pid":1e300}}"#, .invalidArgument, "pid must be a whole number"),
        (#"{"query_process_status":{"pid":null}}"#, .missingArgument, "missing pid"),
        (#"{"list_active_processes":[]}"#, .invalidArgument, "list_active_processes must be an object"),
        (#"{"stop_process":{"pid":1},"query_process_status":{"pid":1}}"#, .malformedRequest, "more than one command"),
        (#"{"method":"get_health","stop_process":{"pid":1}}"#, .malformedRequest, "more than one command"),
        (#"{}"#, .malformedRequest, "unknown command"),
        (#"{"Stop_process":{"pid":1}}"#, .malformedRequest, "unknown command"),
        (#"{"list_hosts":{}}"#, .malformedRequest, "unknown command: only the hub answers list_hosts"),
        (#"{"method":1}"#, .malformedRequest, "method must be a string"),
        (#"{"method":null}"#, .malformedRequest, "method must be a string"),
        (#"{"method":""}"#, .unknownMethod, "unknown method: "),
        (#"{"method":"stop_process"}"#, .unknownMethod, "unknown method: stop_process"),
        (#"{"method":"get_health","args":[]}"#, .invalidArgument, "args must be an object"),
        (#"{"method":"get_health","stop_process":null}"#, .malformedRequest, "more than one command"),
        (#"{"method":"start_process"}"#, .missingArgument, "missing args.config"),
        (#"{"method":"kill_process","args":{}}"#, .missingArgument, "missing args.process_id"),
        (
            #"{"method":"kill_process","args":{"process_id":1.5}}"#, .invalidArgument,
            "args.process_id must be an id or a pid"
        ),
        (
            #"{"method":"kill_process","args":{"process_id":null}}"#, .missingArgument,
            "missing args.process_id"
        ),
        (
            #"{"method":"kill_process","args":{"process_id":"a/b"}}"#, .invalidArgument,
            "args.process_id is no valid process id"
        ),
        (
            #"{"method":"reset_process","args":{"process_id":""}}"#, .invalidArgument,
            "args.process_id is no valid process id"
        ),
        ("[]", .malformedRequest, "malformed request: not an object"),
        ("1", .malformedRequest, "malformed request: not an object"),
        ("\"stop_process\"", .malformedRequest, "malformed request: not an object"),
        ("", .malformedRequest, "malformed request: empty"),
        ("{", .malformedRequest, "malformed request: not valid JSON at byte 1"),
        (#"{"id":1,"id":2}"#, .malformedRequest, #"malformed request: duplicate key "id""#),
        (#"{"a":"\u0000"}"#, .malformedRequest, "malformed request: a NUL character in a string"),
    ])
    func `an invalid request is refused with a reason`(text: String, code: ErrorCode, detail: String) {
        #expect(Request(text).failure == Failure(code, detail))
    }

    @Test(arguments: [
        ("1", ErrorCode.invalidArgument), ("{}", .missingArgument), (#"{"command":""}"#, .missingArgument),
        (#"{"command":[]}"#, .missingArgument), (#"{"command":1}"#, .invalidArgument),
        (#"{"command":[1]}"#, .invalidArgument),
        (#"{"command":"'"}"#, .invalidArgument), (#"{"command":"a","path":"d"}"#, .invalidArgument),
        (#"{"command":"a","path":1}"#, .invalidArgument), (#"{"command":"a","name":""}"#, .invalidArgument),
        (#"{"command":"a","name":1}"#, .invalidArgument), (#"{"command":"a","name":"a/b"}"#, .invalidArgument),
        (#"{"command":"a","env":[]}"#, .invalidArgument), (#"{"command":"a","env":{"A":1}}"#, .invalidArgument),
        (#"{"command":"a","env":{"":"1"}}"#, .invalidArgument),
        (#"{"command":"a","env":{"A=B":"1"}}"#, .invalidArgument),
        (#"{"command":"a","env":{"=":"1"}}"#, .invalidArgument),
    ])
    func `an invalid config is refused`(config: String, code: ErrorCode) {
        let request = Request(#"{"method":"start_process","args":{"config":\#(config)}}"#)
        #expect(request.failure?.code == code, "\(String(describing: request.failure))")
    }
}
