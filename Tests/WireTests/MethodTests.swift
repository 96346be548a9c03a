import JSONCodec
import Model
import Testing
import Wire

/// Decoding of the methods, except those that start and stop processes, and the exact text of their answers.
struct MethodTests {
    private static let id = Name("a-1")

    private func command(_ method: String, _ arguments: String) -> Result<Command, Failure> {
        Request(#"{"method":"\#(method)","args":{\#(arguments)}}"#).command
    }

    private func check(
        _ method: String, _ outcome: Outcome, _ result: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let request = #"{"method":"\#(method)","id":"x"}"#
        let answer = #"{"id":"x","request":\#(request),"result":{"status":"success",\#(result)}}"#
        #expect(try Request(request).answer(outcome).sorted == .of(answer), sourceLocation: sourceLocation)
    }

    // MARK: Requests

    @Test(
        arguments: [
            (#""signal":"HUP""#, 1), (#""signal":"SIGUSR1""#, 10), (#""signal":64"#, 64),
        ] as [(String, Int32)])
    func `a signal is given by name or number`(signal: String, number: Int32) throws {
        let id = try #require(Self.id)
        #expect(command("signal_process", #""process_id":"a-1",\#(signal)"#) == .success(.signal(.id(id), number)))
        #expect(command("signal_process", #""process_id":5,\#(signal)"#) == .success(.signal(.pid(5), number)))
    }

    @Test(
        arguments: [
            ("", 100, nil), (#","lines":1"#, 1, nil), (#","lines":10000,"stream":"both""#, 10_000, nil),
            (#","stream":"stdout""#, 100, .stdout), (#","stream":"stderr""#, 100, .stderr),
        ] as [(String, Int, LogStream?)])
    func `get_log with lines and stream`(arguments: String, lines: Int, stream: LogStream?) throws {
        let query = LogQuery(lines: lines, stream: stream)
        #expect(command("get_log", #""process_id":5\#(arguments)"#) == .success(.getLog(.pid(5), query)))
        #expect(query.streams == stream.map { [$0] } ?? [.stdout, .stderr])
    }

    @Test func `get_log with times, merge, since and a position`() {
        func query(_ arguments: String) -> Result<LogQuery, Failure> {
            command("get_log", #""process_id":5,\#(arguments)"#).map { command in
                if case .getLog(_, let query) = command { query } else { LogQuery(lines: -1) }
            }
        }
        var wanted = LogQuery(lines: 10_000)
        wanted.since = 1.5
        wanted.hasTimes = true
        wanted.isMerged = true
        #expect(query(#""since":1.5,"timestamps":true,"merge":true"#) == .success(wanted))
        wanted = LogQuery(lines: 7, stream: .stderr)
        wanted.after = [.stderr: "a.b.c"]
        wanted.hasPosition = true
        #expect(query(#""lines":7,"stream":"stderr","after":{"stderr":"a.b.c"}"#) == .success(wanted))
        for (wrong, what) in [
            (#""since":"now""#, "args.since must be seconds since the epoch from 0 to 100000000000"),
            (#""merge":1"#, "args.merge must be true or false"),
            (#""after":{"both":""}"#, "args.after must be an object with strings as stdout and stderr"),
            (#""after":"x""#, "args.after must be an object, as `position` of an answer"),
        ] {
            #expect(query(wrong) == .failure(Failure(.invalidArgument, what)))
        }
    }

    @Test(
        arguments: [
            ("", nil, 60), (#","seconds":1"#, nil, 1), (#","seconds":3600,"stream":"stderr""#, .stderr, 3600),
        ] as [(String, LogStream?, Double)])
    func `follow_log with a duration`(arguments: String, stream: LogStream?, seconds: Double) {
        let arguments = #""process_id":5\#(arguments)"#
        let following = LogFollowing(stream: stream, seconds: seconds)
        #expect(command("follow_log", arguments) == .success(.followLog(.pid(5), following)))
        #expect(command("unfollow_log", arguments) == .success(.unfollowLog(.pid(5), stream)))
    }

    @Test func `follow_log with records and earlier lines`() {
        var following = LogFollowing(seconds: 60)
        following.asRecords = true
        #expect(command("follow_log", #""process_id":5,"merge":true"#) == .success(.followLog(.pid(5), following)))
        var history = LogQuery(lines: 3)
        history.hasTimes = true
        history.hasPosition = true
        following.history = history
        #expect(
            command("follow_log", #""process_id":5,"timestamps":true,"lines":3"#)
                == .success(.followLog(.pid(5), following)))
    }

    @Test func `methods for one process and for the agent itself`() {
        #expect(command("remove_process", #""process_id":5"#) == .success(.remove(.pid(5))))
        #expect(command("get_process", #""process_id":5"#) == .success(.getProcess(.pid(5))))
        #expect(command("shutdown", "") == .success(.shutdown))
    }

    @Test func `apply sorts the processes by their dependencies`() throws {
        let list = #""processes":[{"name":"b","command":"b","depends_on":["a"]},{"name":"a","command":"a"}]"#
        var specs = try ["a", "b"].map {
            let name = try #require(Name($0))
            return ProcessSpec(name: name, invocation: .command(words: [$0], path: nil))
        }
        specs[1].dependsOn = [Dependency(try #require(Name("a")))]
        var (options, dry) = (ApplyOptions(), ApplyOptions())
        dry.isDryRun = true
        #expect(command("apply", list) == .success(.apply(specs, options)))
        #expect(command("apply", list + #","dry_run":true"#) == .success(.apply(specs, dry)))
        #expect(command("apply", #""processes":[],"dry_run":false"#) == .success(.apply([], options)))
    }

    @Test func `apply and get_processes take an owner`() {
        var options = ApplyOptions()
        options.owner = Owner("deployment:web_1.0")
        options.prunes = false
        #expect(
            command("apply", #""processes":[],"owner":"deployment:web_1.0","prune":false"#)
                == .success(.apply([], options)))
        #expect(command("get_processes", #""owner":"cluster""#) == .success(.getProcesses(of: .cluster)))
        for owner in [#""""#, #"":a""#, #""a b""#, "7", "[]", "\"\(String(repeating: "a", count: 97))\""] {
            for (method, rest) in [("apply", #""processes":[],"#), ("get_processes", "")] {
                let failure = Failure(
                    .invalidArgument,
                    "args.owner must be "
                        + (owner.first == "\""
                            ? "1 to 96 letters, digits, dots, dashes, colons or underscores" : "a string"))
                #expect(command(method, rest + #""owner":\#(owner)"#) == .failure(failure))
            }
        }
    }

    @Test(arguments: [
        ("signal_process", #""process_id":1"#, ErrorCode.missingArgument, "missing args.signal"),
        ("signal_process", #""signal":1"#, .missingArgument, "missing args.process_id"),
        (
            "signal_process", #""process_id":1,"signal":0"#, .invalidArgument,
            #"args.signal must be a signal's name as "TERM", or its number from 1 to 64"#
        ),
        ("remove_process", "", .missingArgument, "missing args.process_id"),
        ("get_process", #""process_id":true"#, .invalidArgument, "args.process_id must be an id or a pid"),
        ("get_log", #""process_id":"a/b""#, .invalidArgument, "args.process_id is no valid process id"),
        (
            "get_log", #""process_id":1,"lines":0"#, .invalidArgument,
            "args.lines must be a whole number from 1 to 10000"
        ),
        (
            "get_log", #""process_id":1,"lines":10001"#, .invalidArgument,
            "args.lines must be a whole number from 1 to 10000"
        ),
        (
            "get_log", #""process_id":1,"stream":"stdin""#, .invalidArgument,
            "args.stream must be stdout, stderr or both"
        ),
        (
            "follow_log", #""process_id":1,"seconds":0.5"#, .invalidArgument,
            "args.seconds must be a number of seconds from 1 to 3600"
        ),
        (
            "follow_log", #""process_id":1,"seconds":3601"#, .invalidArgument,
            "args.seconds must be a number of seconds from 1 to 3600"
        ),
        ("unfollow_log", #""process_id":1,"stream":1"#, .invalidArgument, "args.stream must be stdout, stderr or both"),
        ("apply", "", .missingArgument, "missing args.processes"),
        ("apply", #""processes":{}"#, .invalidArgument, "args.processes must be an array of configs, at most 10000"),
        ("apply", #""processes":[1]"#, .invalidArgument, "args.processes[0] must be an object"),
        ("apply", #""processes":[{"command":"a"}]"#, .missingArgument, "missing args.processes[0].name"),
        (
            "apply", #""processes":[{"name":"a","command":"a"},{"name":"b","command":"a","nice":20}]"#,
            .invalidArgument, "args.processes[1].nice must be a whole number from -20 to 19"
        ),
        (
            "apply", #""processes":[{"name":"a","command":"a"},{"name":"a","command":"b"}]"#, .invalidArgument,
            "two processes are named a"
        ),
        (
            "apply", #""processes":[{"name":"a","command":"a","depends_on":["b"]}]"#, .invalidArgument,
            "a depends on b, which is not among the processes"
        ),
        (
            "apply",
            #""processes":[{"name":"a","command":"a","depends_on":["b"]},{"name":"b","command":"a","depends_on":["a"]}]"#,
            .invalidArgument, "a depends on itself in a circle"
        ),
        ("apply", #""processes":[],"dry_run":1"#, .invalidArgument, "args.dry_run must be true or false"),
    ])
    func `invalid arguments are refused`(method: String, arguments: String, code: ErrorCode, detail: String) {
        #expect(command(method, arguments) == .failure(Failure(code, detail)))
    }

    @Test func `methods that change nothing are reading ones`() throws {
        let reading =
            ["get_process", "get_log"].map { command($0, #""process_id":1"#) }
            + [command("apply", #""processes":[],"dry_run":true"#)]
        for command in reading { #expect(try command.get().isReading) }
        let changing =
            ["remove_process", "follow_log", "unfollow_log"].map { command($0, #""process_id":1"#) }
            + [
                command("signal_process", #""process_id":1,"signal":1"#), command("apply", #""processes":[]"#),
                command("shutdown", ""),
            ]
        for command in changing { #expect(try !command.get().isReading) }
    }

    // MARK: Answers

    @Test func `answers with a message only`() throws {
        try check("signal_process", .signaled, #""message":"process signaled successfully""#)
        try check("remove_process", .removed, #""message":"process removed successfully""#)
        try check("unfollow_log", .unfollowed, #""message":"log unfollowed successfully""#)
        try check("shutdown", .shuttingDown, #""message":"agent is shutting down""#)
    }

    @Test func `get_process answers with the config`() throws {
        let entry = ProcessEntry(id: try #require(Self.id), driver: "exec", state: .exited, want: .up, command: "a")
        let spec = ProcessSpec(invocation: .command(words: ["a"], path: nil))
        try check(
            "get_process", .process(entry, spec),
            #""process":{"process_id":"a-1","name":"a-1","driver":"exec","state":"exited","want":"up","command":"a","restarts":0,"config":{"command":["a"]}}"#
        )
    }

    @Test func `get_log answers with lines`() throws {
        let lines = ["a", ""].map { LogLine($0, on: .stdout, at: 1.25) }
        let line = LogLine("b", on: .stderr)
        try check("get_log", .log(LogExcerpt(stdout: lines, stderr: [])), #""stdout":["a",""],"stderr":[]"#)
        try check("get_log", .log(LogExcerpt(stderr: [line], isTruncated: true)), #""stderr":["b"],"truncated":true"#)
        var excerpt = LogExcerpt(stdout: lines)
        excerpt.hasTimes = true
        try check(
            "get_log", .log(excerpt), #""stdout":[{"time":1.25,"line":"a"},{"time":1.25,"line":""}]"#)
        excerpt.stdout = nil
        excerpt.merged = [lines[0], line]
        excerpt.hasMore = true
        excerpt.hasGap = true
        excerpt.position = [.stdout: "x", .stderr: ""]
        try check(
            "get_log", .log(excerpt),
            #""lines":[{"time":1.25,"stream":"stdout","line":"a"},{"time":null,"stream":"stderr","line":"b"}],"#
                + #""more":true,"gap":true,"position":{"stdout":"x","stderr":""}"#)
    }

    @Test func `follow_log answers with topics and duration`() throws {
        let (host, id) = (try #require(HostName("h")), try #require(Self.id))
        try check(
            "follow_log", .following([.log(host, id, .stdout), .log(host, id, .stderr)], seconds: 60),
            #""message":"log followed successfully","topics":["pm/h/log/a-1/stdout","pm/h/log/a-1/stderr"],"seconds":60"#
        )
    }

    @Test func `apply answers with the result for each process`() throws {
        let names = try ["a", "b", "c", "d", "e", "f"].map { try #require(Name($0)) }
        let failed = ApplyResult.Refusal(id: names[4], failure: Failure(.execFailed, "permission denied"))
        try check(
            "apply",
            .applied(
                ApplyResult(
                    started: [names[0]], reset: [names[1]], updated: [names[5]], removed: [names[2]],
                    unchanged: [names[3]], failed: [failed]
                )),
            #""message":"processes applied successfully","started":["a"],"reset":["b"],"updated":["f"],"removed":["c"],"unchanged":["d"],"failed":[{"process_id":"e","error":{"code":"exec_failed","detail":"permission denied"}}]"#
        )
        try check(
            "apply", .applied(ApplyResult(isDryRun: true)),
            #""message":"processes applied successfully","started":[],"reset":[],"updated":[],"removed":[],"unchanged":[],"failed":[],"dry_run":true"#
        )
    }
}
