import JSONCodec
import Model
import Testing
import Wire

/// Invalid configs: each refusal names the field.
struct ConfigRefusalTests {
    private static let seconds = "must be a number of seconds from 0 to 86400"
    private static let period = "must be a number of seconds from 0.1 to 86400"
    private static let name = "must be 1 to 63 of A-Z a-z 0-9 . _ -, a letter or digit first"
    private static let endpoint =
        #"must be a port, or an IP address and a port as "127.0.0.1:80" or "[::1]:80""#

    private func check(
        _ path: String, _ values: [String], _ detail: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let keys = path.split(separator: ".")
        for value in values {
            let json = keys.reversed().reduce(value) { #"{"\#($1)":\#($0)}"# }.dropFirst().dropLast()
            let request = Request(#"{"method":"start_process","args":{"config":{"command":"a",\#(json)}}}"#)
            #expect(
                request.failure == Failure(.invalidArgument, "config.\(path) \(detail)"), "\(value)",
                sourceLocation: sourceLocation)
            let other = Request(#"{"start_process":{"path":"/bin/a",\#(json)}}"#)
            #expect(
                other.failure == Failure(.invalidArgument, "\(path) \(detail)"), "\(value)",
                sourceLocation: sourceLocation)
        }
    }

    @Test func restart() {
        check("restart", ["1", "[]", "true"], "must be an object")
        check("restart", [#""""#, #""Always""#, #""on-failure""#], "must be never, on_failure or always")
        check("restart.policy", ["1", #""no""#], "must be never, on_failure or always")
        for field in ["delay", "max_delay", "reset_after", "start_interval"] {
            check("restart.\(field)", ["-0.001", "86400.001", "1e300", #""1""#, "{}"], Self.seconds)
        }
        check(
            "restart.start_limit", ["-1", "1000001", "0.5", #""1""#],
            "must be a whole number from 0 to 1000000")
        check("restart.max_delay", ["0.4"], "must be at least delay")
        check(
            "restart", [#"{"maxDelay":1}"#],
            #"has no field "maxDelay": policy, delay, max_delay, reset_after, start_limit, start_interval"#)
    }

    @Test func stop() {
        check("stop", ["1", #""TERM""#], "must be an object")
        check(
            "stop.signal", [#""""#, #""NOPE""#, #""15""#, "0", "-15", "65", "1.5", "1e10", "[]"],
            #"must be a signal's name as "TERM", or its number from 1 to 64"#)
        check("stop.grace", ["-1", "86401", #""5""#], Self.seconds)
        check("stop", [#"{"timeout":1}"#], #"has no field "timeout": signal, to, grace"#)
        check("stop.to", [#""""#, #""all""#, #""Main""#, "1"], "must be tree or main")
    }

    @Test func identity() {
        for field in ["user", "group"] {
            check(
                field, [#""""#, "-1", "4294967295", "0.5", #""\#(String(repeating: "u", count: 257))""#],
                "must be a name of 1 to 256 bytes, or a number")
        }
        check(
            "umask", [#""""#, #""8""#, #""-1""#, #""+22""#, #""1000""#, #""00022""#, "512", "-1", "1.5"],
            #"must be octal digits as "022", or a number from 0 to 511"#)
        for number in [10, 22, 27, 77, 133, 500, 511] {
            check(
                "umask", ["\(number)", "\(number).0"],
                "must be a string, as its digits may be octal: write it as \"0\(number)\"")
        }
        check("nice", ["-21", "20", "0.5", #""1""#], "must be a whole number from -20 to 19")
        check("oom_score_adj", ["-1", "1001", "0.5", #""1""#], "must be a whole number from 0 to 1000")
    }

    @Test func limits() {
        check("limits", ["1", "[]"], "must be an object")
        check(
            "limits.open_files", ["0", "-1", "1073741825", "1.5", #""1K""#],
            "must be a whole number from 1 to 1073741824")
        check(
            "limits.core", ["-1", "1125899906842625", #""1025T""#, "0.5", #""""#, #""K""#, #""1KB""#, #""1.5M""#],
            #"must be a number of bytes from 0 to 1125899906842624, or a string with K, M, G or T as "64M""#)
        check(
            "limits.memory",
            ["0", "65535", #""63K""#, #""-1M""#, #""+1M""#, #""1 M""#, #""9999999999T""#, #""99999999999999999999""#],
            #"must be a number of bytes from 65536 to 1125899906842624, or a string with K, M, G or T as "64M""#)
        check(
            "limits.cpu", ["0", "0.009", "4097", "-1", #""1""#],
            "must be a number of processors from 0.01 to 4096")
        check("limits.pids", ["0", "4194305", "1.5"], "must be a whole number from 1 to 4194304")
        check("limits", [#"{"mem":1}"#], #"has no field "mem": open_files, core, memory, cpu, pids"#)
    }

    @Test func `stdin, driver, persist and log`() {
        check(
            "stdin", ["1", "[]"], "must be a string of 0 to 262144 bytes")
        check("stdin", ["{}"], "must have exactly one of open")
        check("stdin", [#"{"text":"a"}"#, #"{"open":true,"text":"a"}"#], #"has no field "text": open"#)
        check("stdin.open", ["1", #""true""#], "must be true or false")
        check("driver", [#""""#, "1", #""a/b""#], Self.name)
        check("persist", ["1", #""true""#], "must be true or false")
        check("log", ["1"], "must be an object")
        check(
            "log.max_size", ["0", "4095", "1099511627777", #""3K""#, #""2T""#],
            #"must be a number of bytes from 4096 to 1099511627776, or a string with K, M, G or T as "64M""#)
        check("log.files", ["0", "101", "1.5"], "must be a whole number from 1 to 100")
        check("log", [#"{"size":1}"#], #"has no field "size": max_size, files"#)
    }

    @Test func environment() {
        check("env", ["[]", "1"], "must be an object")
        check("env", [#"{"":"1"}"#, #"{"A=B":"1"}"#], "holds a name that is empty or contains =")
        check("env.A", ["1", "null", "[]"], "must be a string, or an object with a file")
        check("env.A", ["{}"], "must have exactly one of file")
        check("env.A", [#"{"path":"/a"}"#], #"has no field "path": file"#)
        check(
            "env.A.file", ["1", #""""#, #""a""#, #""/\#(String(repeating: "a", count: 4095))""#],
            "must be an absolute path of at most 4095 bytes")
    }

    @Test func `health check`() {
        check("health_check", ["1", #""tcp""#], "must be an object")
        check(
            "health_check", ["{}", #"{"tcp":1,"http":"http://127.0.0.1"}"#, #"{"interval":1}"#],
            "must have exactly one of command, tcp, http")
        check("health_check.command", ["1"], "must be a string or an array of strings")
        check("health_check.command", ["[1]"], "must be an array of strings")
        check("health_check.command", ["[]", #""""#, #"[""]"#], "must be a command")
        check("health_check.command", [#""a 'b""#], "can't be split into words: a quote is not closed")
        check(
            "health_check.tcp",
            [
                "0", "65536", "-1", "1.5", #""80""#, #""127.0.0.1""#, #""127.0.0.1:0""#, #""127.0.0.1:65536""#,
                #""127.0.0.1:+1""#, #""127.0.0.1:1:1""#, #""127.0.0:1""#, #""127.0.0.01:1""#, #""256.0.0.1:1""#,
                #""example.org:80""#, #""::1:80""#, #""[::1]""#, #""[::1]80""#, #""[::1:80""#, #""[:1]:80""#,
                #""[1:]:80""#, #""[1::2::3]:80""#, #""[1:2:3:4:5:6:7:8:9]:80""#, #""[1:2:3:4:5:6:7]:80""#,
                #""[1:2:3:4::5:6:7:8]:80""#, #""[12345::]:80""#, #""[g::]:80""#, #""[fe80::1%eth0]:80""#,
                #""[127.0.0.1]:80""#, #""[127.0.0.1::]:80""#, #"":80""#, #""""#,
            ], Self.endpoint)
        check(
            "health_check.http",
            ["1", #""""#, #""https://127.0.0.1""#, #""127.0.0.1""#, #""HTTP://127.0.0.1""#],
            "must be a URL that begins with http://")
        check(
            "health_check.http",
            [
                #""http://""#, #""http:///""#, #""http://example.org/""#, #""http://a@127.0.0.1""#,
                #""http://127.0.0.1?a""#,
            ],
            "must be a URL with an IP address or localhost: names are not looked up")
        check(
            "health_check.http",
            [
                #""http://127.0.0.1/a b""#, #""http://127.0.0.1/é""#, #""http://127.0.0.1/#a""#,
                #""http://127.0.0.1/\r\nX: y""#,
            ],
            "must be a URL without spaces, accents and #")
        check(
            "health_check.http", [#""http://127.0.0.1/\#(String(repeating: "a", count: 1024))""#],
            "must be a URL with a path of at most 1024 bytes")
        for field in ["interval", "timeout"] {
            for value in ["0", "0.09", "86401"] {
                check(
                    "health_check", [#"{"tcp":1,"\#(field)":\#(value)}"#],
                    in: field, Self.period)
            }
        }
        for value in ["0", "1001", "1.5"] {
            check(
                "health_check", [#"{"tcp":1,"retries":\#(value)}"#], in: "retries",
                "must be a whole number from 1 to 1000")
        }
        check(
            "health_check", [#"{"tcp":1,"x":1}"#], #"has no field "x": command, tcp, http, interval, timeout, retries"#)
    }

    @Test func ready() {
        check("ready", ["1"], "must be an object")
        check("ready", ["{}", #"{"fd":3,"tcp":1}"#, #"{"timeout":1}"#], "must have exactly one of fd, log_line, tcp")
        check("ready.fd", ["0", "2", "256", "3.5", #""3""#], "must be a whole number from 3 to 255")
        check(
            "ready.log_line", [#""""#, "1", #""\#(String(repeating: "a", count: 1025))""#],
            "must be a string of 1 to 1024 bytes")
        check("ready.log_line", [#""a\nb""#], "must be part of one line")
        check("ready.tcp", ["0", #""a:1""#], Self.endpoint)
        check("ready", [#"{"fd":3,"timeout":0}"#], in: "timeout", Self.period)
        check("ready", [#"{"fd":3,"line":1}"#], #"has no field "line": fd, log_line, tcp, timeout"#)
    }

    @Test func `dependencies and schedule`() {
        let many = (1...65).map { "\"p\($0)\"" }.joined(separator: ",")
        check("depends_on", [#""a""#, "1", "[\(many)]"], "must be an array of at most 64 process ids")
        for value in ["[1]", #"[""]"#, #"["a/b"]"#] { check("depends_on", [value], in: "[0]", Self.name) }
        check("depends_on", [#"["b","b"]"#], in: "[1]", "is listed twice")
        check("depends_on", [#"["b",{"process_id":"b","condition":"completed"}]"#], in: "[1]", "is listed twice")
        check("depends_on", [#"[{"process_id":"a/b"}]"#], in: "[0].process_id", Self.name)
        check(
            "depends_on", [#"[{"process_id":"b","after":1}]"#], in: "[0]",
            #"has no field "after": process_id, condition"#)
        for value in [#""running""#, "1", #""""#] {
            check(
                "depends_on", [#"[{"process_id":"b","condition":\#(value)}]"#], in: "[0].condition",
                "must be up or completed")
        }
        check("schedule", ["1"], "must be a string")
        check("schedule_catch_up", ["1", #""true""#], "must be true or false")
        check(
            "schedule", [#""* *""#],
            "must be a cron schedule: it needs minute, hour, day of month, month and day of week")
        check("schedule", [#""60 * * * *""#], #"must be a cron schedule: its minute can't be "60""#)
    }

    @Test(arguments: [
        (#""schedule":"@daily","restart":"always""#, "config.restart.policy must be never when schedule is set"),
        (#""schedule_catch_up":true"#, "config.schedule_catch_up needs schedule"),
        (
            #""schedule":"@daily","restart":{"policy":"on_failure"}"#,
            "config.restart.policy must be never when schedule is set"
        ),
        (#""name":"n","depends_on":["b","n"]"#, "config.depends_on[1] is the process itself"),
        (#""args":[]"#, "config must have command or args, not both"),
        (#""restart":{"delay":2,"max_delay":1}"#, "config.restart.max_delay must be at least delay"),
    ])
    func `contradictory fields are refused`(fields: String, detail: String) {
        let request = Request(#"{"method":"start_process","args":{"config":{"command":"a",\#(fields)}}}"#)
        #expect(request.failure == Failure(.invalidArgument, detail))
    }

    @Test func `refusals use the given name of a config`() {
        #expect(throws: Failure(.invalidArgument, "web.json.nice must be a whole number from -20 to 19")) {
            try ProcessSpec(config: .of(#"{"command":"a","nice":20}"#), named: "web.json")
        }
        #expect(throws: Failure(.missingArgument, "missing web.json.command")) {
            try ProcessSpec(config: .of("{}"), named: "web.json")
        }
        #expect(throws: Failure(.missingArgument, "missing config.path")) {
            try ProcessSpec(config: .of(#"{"args":[]}"#))
        }
    }

    /// Checks that `path` is refused because of its member `member`.
    private func check(
        _ path: String, _ values: [String], in member: String, _ detail: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let field = member.first == "[" ? "\(path)\(member)" : "\(path).\(member)"
        for value in values {
            let request = Request(#"{"method":"start_process","args":{"config":{"command":"a","\#(path)":\#(value)}}}"#)
            #expect(
                request.failure == Failure(.invalidArgument, "config.\(field) \(detail)"), "\(value)",
                sourceLocation: sourceLocation)
        }
    }
}
