import ArgumentParser
import JSONCodec
import Model
import Testing
import Wire

@testable import pmctl

struct ArgumentTests {
    private static func start(_ words: [String]) throws -> StartCommand {
        try StartCommand.parse(StartCommand.separated(words))
    }

    @Test func `all digits are a pid, everything else is an id`() throws {
        #expect(try Arguments.process("123") == .pid(123))
        #expect(try Arguments.process("12a") == .id(#require(Name("12a"))))
    }

    @Test(arguments: ["", "a/b", "-x", "99999999999", "é"]) func `an invalid process is refused`(text: String) {
        #expect(throws: ValidationError.self) { try Arguments.process(text) }
    }

    @Test(arguments: ["hub", "cluster", "a b", "+", ""]) func `an invalid host is refused`(text: String) {
        #expect(throws: ValidationError.self) { try Arguments.host(text) }
    }

    @Test func `a variable's value may be empty and may contain an equals sign`() throws {
        #expect(try Arguments.variable("A=b=c") == EnvironmentVariable(name: "A", value: "b=c"))
        #expect(try Arguments.variable("A=") == EnvironmentVariable(name: "A", value: ""))
        #expect(throws: ValidationError.self) { try Arguments.variable("=b") }
        #expect(throws: ValidationError.self) { try Arguments.variable("A") }
    }

    @Test func `environment options become a config`() throws {
        let words = ["h", "--name", "web", "--cwd", "/srv", "--env", "B=1", "--env", "A=2", "--env", "B=3", "--"]
        let command = try Self.start(words + ["sh", "-c", "exit 3", "--", "--json"])
        #expect(
            command.config() == [
                "command": ["sh", "-c", "exit 3", "--", "--json"], "name": "web", "path": "/srv",
                "env": ["A": "2", "B": "3"],
            ])
        #expect(!command.options.json)
    }

    @Test func `supervision options become a config`() throws {
        let words = [
            "h", "--restart", "on_failure", "--persist", "--user", "web", "--stdin", "in", "--env-file", "K=/run/k",
            "--env", "A=1", "--depends-on", "db", "--depends-on", "log", "--schedule", "@daily", "--limit",
            "memory=64M", "--limit", "cpu=0.5", "--", "x",
        ]
        let command = try Self.start(words)
        #expect(
            command.config([:], try command.supervision.envFile.flatMap { try $0.variables }) == [
                "command": ["x"], "env": ["A": "1", "K": ["file": "/run/k"]], "restart": "on_failure", "user": "web",
                "stdin": "in", "depends_on": ["db", "log"], "schedule": "@daily",
                "limits": ["memory": "64M", "cpu": .number(0.5)], "persist": true,
            ])
    }

    @Test func `a dependency has a condition, and stdin may stay open`() throws {
        let words = ["h", "--depends-on", "db=up", "--depends-on", "migrate=completed", "--stdin-open", "--", "x"]
        #expect(
            try Self.start(words).config() == [
                "command": ["x"], "stdin": ["open": true],
                "depends_on": ["db", ["process_id": "migrate", "condition": "completed"]],
            ])
        #expect(throws: (any Error).self) { try Self.start(["h", "--depends-on", "db=running", "--", "x"]) }
        #expect(throws: (any Error).self) {
            try Self.start(["h", "--stdin", "a", "--stdin-open", "--", "x"])
        }
    }

    @Test func `each option for a field of the config sets it`() throws {
        let words = [
            "h", "--restart", "on-failure", "--restart-delay", "2", "--restart-limit", "0", "--stop-signal", "int",
            "--stop-grace", "30", "--group", "www", "--health-http", "http://127.0.0.1:80/", "--health-interval", "5",
            "--health-timeout", "1", "--health-retries", "2", "--ready-tcp", "8000", "--ready-timeout", "60",
            "--log-size", "1M", "--log-files", "3", "--", "x",
        ]
        let config = try Self.start(words).config()
        #expect(
            config == [
                "command": ["x"],
                "restart": ["policy": "on_failure", "delay": .number(2), "start_limit": .number(0)],
                "stop": ["signal": "INT", "grace": .number(30)],
                "health_check": [
                    "http": "http://127.0.0.1:80/", "interval": .number(5), "timeout": .number(1),
                    "retries": .number(2),
                ],
                "ready": ["tcp": .number(8000), "timeout": .number(60)],
                "log": ["max_size": "1M", "files": .number(3)], "group": "www",
            ])
        // An agent accepts all of it.
        #expect(throws: Never.self) { try ProcessSpec(config: config) }
        let others = ["h", "--health-command", "a b", "--ready-line", "up", "--log-size", "4096", "--", "x"]
        #expect(
            try Self.start(others).config() == [
                "command": ["x"], "health_check": ["command": "a b"], "ready": ["log_line": "up"],
                "log": ["max_size": .number(4096)],
            ])
        #expect(
            try Self.start(["h", "--ready-fd", "3", "--health-tcp", "[::1]:80", "--", "x"]).config() == [
                "command": ["x"], "health_check": ["tcp": "[::1]:80"], "ready": ["fd": .number(3)],
            ])
    }

    @Test func `options change fields of a file's objects and keep the others`() throws {
        func config(_ words: [String], _ base: JSON) throws -> JSON {
            try Self.start(["h", "--config", "f"] + words).config(base)
        }
        #expect(
            try config(["--restart-delay", "3"], ["restart": "always"])
                == ["restart": ["policy": "always", "delay": .number(3)]])
        #expect(
            try config(["--restart", "never"], ["restart": ["policy": "always", "delay": .number(3)]])
                == ["restart": ["policy": "never", "delay": .number(3)]])
        #expect(
            try config(["--health-tcp", "80"], ["health_check": ["http": "h", "interval": .number(1)]])
                == ["health_check": ["interval": .number(1), "tcp": .number(80)]])
        #expect(
            try config(["--health-interval", "2"], ["health_check": ["http": "h"]])
                == ["health_check": ["http": "h", "interval": .number(2)]])
        #expect(
            try config(["--stop-grace", "5"], ["stop": ["signal": "INT"]])
                == ["stop": ["signal": "INT", "grace": .number(5)]])
    }

    @Test func `a file of variables has a variable in each line`() throws {
        let text = "# comment\nA=1\r\n\nB=x y \"z\" # no comment\nC=\nA=2"
        #expect(
            try VariableSource.variables(in: Array(text.utf8), of: "f") == [
                EnvironmentVariable(name: "A", value: "1"),
                EnvironmentVariable(name: "B", value: "x y \"z\" # no comment"),
                EnvironmentVariable(name: "C", value: ""), EnvironmentVariable(name: "A", value: "2"),
            ])
        for (bytes, error) in [
            (Array("A=1\nB\n".utf8), "f:2: it must be NAME=VALUE"), (Array("=1".utf8), "f:1: it must be NAME=VALUE"),
            ([0xFF], "f is not UTF-8"),
        ] {
            #expect(throws: CommandError.failed(error)) { try VariableSource.variables(in: bytes, of: "f") }
        }
    }

    @Test func `options replace values of a file and keep the rest`() throws {
        let base: JSON = [
            "name": "a", "path": "/bin/a", "args": ["b"], "env": ["A": "0", "B": "2"], "limits": ["pids": .number(5)],
            "nice": .number(1),
        ]
        let words = ["h", "--config", "f", "--name", "c", "--env", "A=1", "--limit", "memory=1G"]
        #expect(
            try Self.start(words).config(base) == [
                "name": "c", "path": "/bin/a", "args": ["b"], "env": ["A": "1", "B": "2"],
                "limits": ["pids": .number(5), "memory": "1G"], "nice": .number(1),
            ])
        #expect(
            try Self.start(["h", "--config", "f", "--", "x"]).config(["path": "/d", "args": []])
                == ["path": "/d", "command": ["x"]])
    }

    @Test func `a signal is sent by name if it was given by name`() throws {
        #expect(try Arguments.signal("hup") == "HUP")
        #expect(try Arguments.signal("SIGTERM") == "TERM")
        #expect(try Arguments.signal("9") == .number(9))
        for text in ["", "0", "65", "-1", "1.5", "NIX"] {
            #expect(throws: ValidationError.self, "\(text)") { try Arguments.signal(text) }
        }
    }

    @Test(
        arguments: [
            (["start", "a"], ["start", "a"]), (["--json", "--broker", "start", "ps"], ["ps"]),
            (["--broker=x", "ps", "--", "a"], ["ps"]),
            (["--timeout", "3", "--broker-user", "ps", "start"], ["start"]), (["--version"], []), ([], []),
        ] as [([String], [String])])
    func `the subcommand is the first word that is no option`(arguments: [String], words: [String]) {
        #expect(GlobalOptions.words(in: arguments) == words)
    }

    @Test func `global options may stand before or after the subcommand`() throws {
        for words in [["--broker", "mqtt://x", "--json", "hosts"], ["hosts", "--json", "--broker", "mqtt://x"]] {
            let command = try #require(try PMCtl.parseAsRoot(words) as? HostsCommand)
            #expect(command.options.broker == "mqtt://x")
            #expect(command.options.json)
        }
    }
}
