import JSONCodec
import Model
import Testing
import Wire

/// Valid configs, in both dialects.
struct ConfigTests {
    private static func spec(_ fields: String) throws -> ProcessSpec {
        let config = try ProcessSpec(config: .of(#"{"command":"a",\#(fields)}"#))
        let request = Request(#"{"start_process":{"path":"/bin/a",\#(fields)}}"#)
        guard case .start(var other) = try request.command.get() else { throw Failure(.internal, "no start") }
        other.invocation = config.invocation
        #expect(other == config, "the dialects differ")
        return config
    }

    private static let plain = ProcessSpec(invocation: .command(words: ["a"], path: nil))

    /// Checks that the fields set one property to a value and change no other property.
    private func check<Value: Equatable>(
        _ fields: String, _ property: WritableKeyPath<ProcessSpec, Value>, _ value: Value,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var expected = Self.plain
        expected[keyPath: property] = value
        #expect(try Self.spec(fields) == expected, "\(fields)", sourceLocation: sourceLocation)
    }

    private func restart(_ change: (inout RestartRules) -> Void) -> RestartRules {
        var rules = RestartRules()
        change(&rules)
        return rules
    }

    @Test func restart() throws {
        for policy in RestartRules.Policy.allCases {
            try check(#""restart":"\#(policy.rawValue)""#, \.restart, restart { $0.policy = policy })
            try check(#""restart":{"policy":"\#(policy.rawValue)"}"#, \.restart, restart { $0.policy = policy })
        }
        try check(#""restart":{}"#, \.restart, RestartRules())
        try check(
            #""restart":{"policy":"always","delay":0,"max_delay":0,"start_limit":0,"start_interval":0}"#, \.restart,
            restart {
                ($0.policy, $0.delay, $0.maximumDelay, $0.startLimit, $0.startInterval) = (.always, 0, 0, 0, 0)
            })
        try check(
            #""restart":{"delay":86400,"start_limit":1000000,"start_interval":86400}"#, \.restart,
            restart {
                ($0.delay, $0.maximumDelay, $0.startLimit, $0.startInterval) = (86_400, 86_400, 1_000_000, 86_400)
            })
        try check(
            #""restart":{"delay":0.25,"max_delay":2.5}"#, \.restart,
            restart { ($0.delay, $0.maximumDelay) = (0.25, 2.5) })
        for seconds in [0, 0.5, 86_400] {
            try check(#""restart":{"reset_after":\#(seconds)}"#, \.restart, restart { $0.resetAfter = seconds })
        }
    }

    @Test(
        arguments: [
            (#"{"signal":"TERM"}"#, 15, nil), (#"{"signal":"SIGINT","grace":0}"#, 2, 0),
            (#"{"signal":9,"grace":1.5}"#, 9, 1.5), (#"{"signal":64,"grace":86400}"#, 64, 86_400),
            (#"{"signal":"usr2"}"#, 12, nil), ("{}", 15, nil),
        ] as [(String, Int32, Double?)])
    func stop(json: String, signal: Int32, grace: Double?) throws {
        var rules = StopRules()
        (rules.signal, rules.grace) = (signal, grace)
        try check(#""stop":\#(json)"#, \.stop, rules)
    }

    @Test func `the target of the stop signal`() throws {
        var rules = StopRules()
        try check(#""stop":{"to":"tree"}"#, \.stop, rules)
        rules.target = .main
        try check(#""stop":{"to":"main"}"#, \.stop, rules)
    }

    @Test func identity() throws {
        try check(#""user":"www-data""#, \.identity.user, "www-data")
        try check(#""user":0"#, \.identity.user, "0")
        try check(#""group":4294967294"#, \.identity.group, "4294967294")
        try check(
            #""group":"\#(String(repeating: "g", count: 256))""#, \.identity.group, String(repeating: "g", count: 256))
        for (text, mask) in [
            (#""022""#, 0o22), (#""0""#, 0), (#""0777""#, 0o777), ("18", 0o22), ("509", 0o775), ("90", 0o132), ("0", 0),
            ("7", 7),
        ] {
            try check(#""umask":\#(text)"#, \.identity.umask, UInt32(mask))
        }
        for nice in [-20, 0, 19] as [Int32] { try check(#""nice":\#(nice)"#, \.identity.nice, nice) }
        for score in [0, 500, 1000] as [Int32] {
            try check(#""oom_score_adj":\#(score)"#, \.identity.oomScore, score)
        }
    }

    @Test func limits() throws {
        try check(#""limits":{}"#, \.limits, ResourceLimits())
        try check(#""limits":{"open_files":1}"#, \.limits.openFiles, 1)
        try check(#""limits":{"open_files":1073741824}"#, \.limits.openFiles, 1 << 30)
        try check(#""limits":{"core":0}"#, \.limits.core, 0)
        try check(#""limits":{"core":"1024T"}"#, \.limits.core, 1 << 50)
        for (text, bytes) in [
            ("65536", 1 << 16), (#""64K""#, 1 << 16), (#""64m""#, 1 << 26), (#""2G""#, 1 << 31), (#""1t""#, 1 << 40),
            (#""65536""#, 1 << 16), (#""0064K""#, 1 << 16),
        ] as [(String, UInt64)] {
            try check(#""limits":{"memory":\#(text)}"#, \.limits.memory, bytes)
        }
        for cpu in [0.01, 0.5, 4096] { try check(#""limits":{"cpu":\#(cpu)}"#, \.limits.cpu, cpu) }
        for pids in [1, 4_194_304] as [UInt64] { try check(#""limits":{"pids":\#(pids)}"#, \.limits.pids, pids) }
    }

    @Test func `stdin, driver, persist and log`() throws {
        try check(#""stdin":"""#, \.standardInput, .text(""))
        try check(#""stdin":"a\nb""#, \.standardInput, .text("a\nb"))
        try check(#""stdin":{"open":true}"#, \.standardInput, .open)
        try check(#""stdin":{"open":false}"#, \.standardInput, nil)
        try check(#""driver":"other""#, \.driver, "other")
        try check(#""persist":true"#, \.isPersistent, true)
        try check(#""persist":false"#, \.isPersistent, false)
        try check(#""log":{}"#, \.log, LogRules())
        for (text, bytes) in [("4096", 4096), (#""4K""#, 4096), (#""1T""#, 1 << 40), ("1099511627776", 1 << 40)] {
            try check(#""log":{"max_size":\#(text)}"#, \.log.maximumSize, bytes)
        }
        for files in [1, 100] { try check(#""log":{"files":\#(files)}"#, \.log.files, files) }
    }

    @Test func environment() throws {
        try check(
            #""env":{"A":"","B":{"file":"/run/secret"},"É":"x"}"#, \.environment,
            [.init(name: "A", value: ""), .init(name: "B", value: .file("/run/secret")), .init(name: "É", value: "x")])
    }

    @Test(
        arguments: [
            (#""command":"pg_isready -q 'a b'""#, .command(["pg_isready", "-q", "a b"])),
            (#""command":["a",""]"#, .command(["a", ""])),
            (#""tcp":80"#, .tcp(.init(address: "localhost", port: 80))),
            (#""tcp":65535"#, .tcp(.init(address: "localhost", port: 65_535))),
            (#""tcp":"10.0.0.255:1""#, .tcp(.init(address: "10.0.0.255", port: 1))),
            (#""tcp":"localhost:5432""#, .tcp(.init(address: "localhost", port: 5432))),
            (#""tcp":"[::1]:80""#, .tcp(.init(address: "::1", port: 80))),
            (#""tcp":"[2001:DB8::7]:80""#, .tcp(.init(address: "2001:DB8::7", port: 80))),
            (#""http":"http://127.0.0.1""#, .http(.init(address: "127.0.0.1", port: 80), path: "/")),
            (
                #""http":"http://localhost:8080/a?b=c%20d""#,
                .http(.init(address: "localhost", port: 8080), path: "/a?b=c%20d")
            ),
            (#""http":"http://[::]:81/""#, .http(.init(address: "::", port: 81), path: "/")),
            (#""http":"http://[::1]/x""#, .http(.init(address: "::1", port: 80), path: "/x")),
        ] as [(String, HealthCheck.Probe)])
    func `health check`(probe: String, expected: HealthCheck.Probe) throws {
        try check(#""health_check":{\#(probe)}"#, \.healthCheck, HealthCheck(probe: expected))
        var check = HealthCheck(probe: expected)
        (check.interval, check.timeout, check.retries) = (0.1, 86_400, 1_000)
        try self.check(
            #""health_check":{\#(probe),"interval":0.1,"timeout":86400,"retries":1000}"#, \.healthCheck, check)
    }

    @Test(
        arguments: [
            (#""fd":3"#, .descriptor(3)), (#""fd":255"#, .descriptor(255)), (#""log_line":"up""#, .logLine("up")),
            (#""tcp":1"#, .tcp(.init(address: "localhost", port: 1))),
        ] as [(String, ReadyRules.Sign)])
    func ready(sign: String, expected: ReadyRules.Sign) throws {
        try check(#""ready":{\#(sign)}"#, \.ready, ReadyRules(sign: expected))
        var rules = ReadyRules(sign: expected)
        rules.timeout = 0.1
        try check(#""ready":{\#(sign),"timeout":0.1}"#, \.ready, rules)
    }

    @Test func `dependencies and schedule`() throws {
        let names = try ["b", "c"].map { try #require(Name($0)) }
        try check(#""depends_on":[]"#, \.dependsOn, [])
        try check(
            #""depends_on":["b",{"process_id":"c","condition":"completed"},{"process_id":"d","condition":"up"},{"process_id":"e"}]"#,
            \.dependsOn,
            [
                Dependency(try #require(Name("b"))), Dependency(try #require(Name("c")), .completed),
                Dependency(try #require(Name("d"))), Dependency(try #require(Name("e"))),
            ])
        try check(#""depends_on":["b","c"]"#, \.dependsOn, names.map { Dependency($0) })
        let many = try (1...64).map { try #require(Name("p\($0)")) }
        try check(
            #""depends_on":[\#(many.map { "\"\($0)\"" }.joined(separator: ","))]"#, \.dependsOn,
            many.map { Dependency($0) })
        try check(#""schedule":"@daily""#, \.schedule, CronSchedule("@daily"))
        try check(#""schedule":"@daily","restart":"never""#, \.schedule, CronSchedule("@daily"))
    }

    @Test func `unknown members are ignored`() throws {
        try check(#""name":"n","unknown":{"x":1},"Restart":5"#, \.name, Name("n"))
    }

    @Test func `a config may have a program and its arguments`() throws {
        let spec = try ProcessSpec(config: .of(#"{"path":"/bin/a","args":["b"]}"#))
        #expect(spec.invocation == .program(path: "/bin/a", arguments: ["b"]))
    }
}
