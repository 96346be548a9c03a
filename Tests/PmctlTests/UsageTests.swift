import TestSupport
import Testing

/// How pmctl ends when it sends no request: usage errors, help, and brokers that it cannot use.
@Suite(.serialized) struct UsageTests {
    @Test(arguments: [
        ("frob", "unknown command 'frob' (see pmctl --help)"),
        ("strat box", "unknown command 'strat', did you mean 'start'? (see pmctl --help)"),
        ("remove box web", "unknown command 'remove', did you mean 'rm'? (see pmctl --help)"),
        ("--broker unix:///x strat box --name web -- x", "unknown command 'strat', did you mean 'start'?"),
        ("node lst", "unknown command 'lst', did you mean 'ls'? (see pmctl node --help)"),
        ("logs box web --tial 3", "unknown option '--tial', did you mean '--tail'? (see pmctl logs --help)"),
        ("logs box web --tail", "missing value for '--tail <n>' (see pmctl logs --help)"),
        ("logs box web --foo", "unknown option '--foo' (see pmctl logs --help)"),
        ("start box --restrat always -- x", "unknown option '--restrat', did you mean '--restart'?"),
        ("--jsn hosts", "unknown option '--jsn', did you mean '--json'? (see pmctl --help)"),
        ("hosts --frob", "unknown option '--frob'"),
        ("start", "missing expected argument '<host>' (see pmctl start --help)"),
        ("start alpha", "missing expected argument '<process> ...' or '-- <command> ...' (see pmctl start --help)"),
        (
            "start alpha --name web x",
            "a known process starts with its own config; the command of a new one stands after"
        ),
        ("start alpha web -- x", "the names of processes and a command exclude each other"),
        ("start alpha 42", "a process that does not run has no pid"),
        ("start alpha --health-tcp 80 --health-command true -- x", "--health-command, --health-tcp and --health-http"),
        ("stop edge-* 42", "a pid denotes a process of one host"),
        ("stop alpha web --all", "--all and the names of processes exclude each other"),
        ("stop edge-[ web", "the value 'edge-[' is invalid for '<host>': \"edge-[\" has a [ without its ]"),
        ("stop alpha [z-a]", "the value '[z-a]' is invalid for '<process>'"),
        ("ps --label rack", "the value 'rack' is invalid for '--label <name=value>': it must be NAME=VALUE"),
        ("ps --sort size", "--sort must be one of name, host, state"),
        ("hosts --output yaml", "the value 'yaml' is invalid for '--output <format>'"),
        ("signal alpha HUP", "missing expected argument '<signal>'"),
        ("start a/b x", "the value 'a/b' is invalid for '<host>': a host name is"),
        ("start alpha --cwd here -- x", "--cwd must be an absolute path"),
        ("start alpha --env =1 -- x", "the value '=1' is invalid for '--env <name=value>': it must be NAME=VALUE"),
        ("ps hub", "the value 'hub' is invalid for '<host>': hub is a reserved name, not a host"),
        ("stop alpha", "missing expected argument '<process> ...'"),
        ("--timeout 0 hosts", "--timeout must be"),
        ("--timeout soon hosts", "the value 'soon' is invalid for '--timeout <s>'"),
        ("--broker nonsense hosts", "--broker is no URL"),
        ("hosts --broker ftp://x", "--broker must begin with mqtt://"),
        ("watch --count 0", "--count must be at least 1"),
        ("signal alpha web FOO", "the value 'FOO' is invalid for '<signal>': a signal is a name such as HUP"),
        ("signal alpha web 65", "the value '65' is invalid for '<signal>'"),
        ("--broker unix:///a ps --broker=unix:///b", "--broker is given twice"),
        ("logs alpha web -n 0", "--lines (or --tail) must be 1 to 10000"),
        ("logs alpha web --stream stdin", "the value 'stdin' is invalid for '--stream <stream>'"),
        ("start alpha --restart no -- x", "the value 'no' is invalid for '--restart <policy>'"),
        (
            "start alpha --limit memory -- x",
            "the value 'memory' is invalid for '--limit <name=value>': it must be NAME=VALUE"
        ),
        (
            "start alpha --env-file A=b -- x",
            "the value 'A=b' is invalid for '--env-file <file|name=/path>': the path must"
        ),
        ("start alpha --depends-on a/b -- x", "the value 'a/b' is invalid for '--depends-on <id>': a process id is"),
        ("apply alpha", "missing expected argument '<files> ...'"),
        ("vm console", "missing expected argument '<vm>' (see pmctl vm console --help)"),
        ("vm console a/b", "the value 'a/b' is invalid for '<vm>'"),
        ("vm console v1 -n 0", "--lines (or --tail) must be 1 to 10000"),
    ])
    func `a usage error is one line and exit code 100`(line: String, error: String) async throws {
        let words = line.split(separator: " ").map(String.init)
        let result = try await Pmctl(url: "unix:///nowhere").start(words).result()
        #expect(result.errors.hasPrefix("pmctl: \(error)"))
        #expect(result.errors.split(separator: "\n").count == 1)
        #expect(result.output.isEmpty)
        #expect(result.exitCode == 100)
    }

    @Test func `the error about an invalid PM_BROKER names it`() async throws {
        let result = try await Pmctl(url: "mqtt://user:secret@").run("hosts")
        #expect(result.errors == "pmctl: PM_BROKER names no host (see pmctl --help)\n")
        #expect(result.exitCode == 100)
    }

    @Test(arguments: [
        "hosts", "ps", "start", "stop", "reset", "signal", "rm", "status", "logs", "apply", "health", "watch",
        "shutdown", "node", "vm",
    ])
    func `every subcommand's help has an example`(name: String) async throws {
        let result = try await Pmctl(url: "").run(name, "--help")
        #expect(result.output.contains("Example: pmctl \(name)"))
        #expect(result.exitCode == 0)
    }

    @Test(arguments: [
        "node ls", "node create", "node rm", "node reset", "node run", "vm ls", "vm allocate", "vm rm", "vm reset",
        "vm console",
    ])
    func `the help of each node and VM command has an example`(line: String) async throws {
        let result = try await Pmctl(url: "").start(line.split(separator: " ").map(String.init) + ["--help"]).result()
        #expect(result.output.contains("Example: pmctl \(line)") && result.exitCode == 0)
    }

    @Test func `version and completion scripts are printed`() async throws {
        let version = try await Pmctl(url: "").run("--version")
        #expect(version.lines.count == 1)
        #expect(version.exitCode == 0)
        for shell in ["bash", "zsh", "fish"] {
            let script = try await Pmctl(url: "").run("--generate-completion-script", shell)
            #expect(script.output.contains("pmctl") && script.output.contains("console"))
            #expect(script.exitCode == 0)
        }
    }

    @Test func `the error about an unreachable broker gives its URL and the reason`() async throws {
        let result = try await Pmctl(url: "unix:///nowhere/b.sock").run("hosts")
        #expect(
            result.errors == "pmctl: can't reach the broker at unix:///nowhere/b.sock: no such file or directory "
                + "(set its URL with --broker or PM_BROKER)\n")
        #expect(result.exitCode == 111)
    }

    @Test func `a broker that accepts the connection but does not answer is an error`() async throws {
        try await withBroker { broker in
            broker.pause()
            defer { broker.resume() }
            let result = try await Pmctl(broker).run("--timeout", "0.3", "hosts")
            #expect(result.errors == "pmctl: no answer from the broker at \(broker.url) in 0.3 s\n")
            #expect(result.exitCode == 111)
        }
    }

    @Test func `a broker that refuses the connection is an error`() async throws {
        try await withBroker(.init(extra: ["allow_anonymous false"])) { broker in
            let result = try await Pmctl(broker).run("hosts")
            let refusal = "the broker refuses clients without a user name: not authorized"
            #expect(result.errors == "pmctl: \(refusal) (broker \(broker.url))\n")
            #expect(result.exitCode == 111)
        }
    }

    @Test func `a broker that denies pmctl its inbox is an error`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("topic read pm/#\n", to: "acl")
        try await withBroker(.init(extra: ["acl_file \(folder.path)/acl"])) { broker in
            let result = try await Pmctl(broker).run("hosts", "--timeout", "1")
            #expect(
                result.errors
                    == "pmctl: no answer from the broker in 1 s (it must let pmctl read and write pm/reply/#)\n")
            #expect(result.exitCode == 111)
        }
    }

    @Test func `the broker option may stand before or after the subcommand`() async throws {
        try await withBroker(.init(tcp: true)) { broker in
            for words in [["--broker", broker.tcpURL, "hosts"], ["hosts", "--broker", broker.tcpURL]] {
                let result = try await Pmctl(url: "unix:///nowhere").start(words).result()
                #expect(result.lines.count == 1)
                #expect(result.exitCode == 0)
            }
        }
    }
}
