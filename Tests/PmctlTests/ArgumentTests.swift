import ArgumentParser
import JSONCodec
import Model
import Testing
import Wire

@testable import pmctl

struct ArgumentTests {
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
        let command = try StartCommand.parse(words + ["sh", "-c", "exit 3", "--", "--json"])
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
        #expect(
            try StartCommand.parse(words).config() == [
                "command": ["x"], "env": ["A": "1", "K": ["file": "/run/k"]], "restart": "on_failure", "user": "web",
                "stdin": "in", "depends_on": ["db", "log"], "schedule": "@daily",
                "limits": ["memory": "64M", "cpu": .number(0.5)], "persist": true,
            ])
    }

    @Test func `a dependency has a condition, and stdin may stay open`() throws {
        let words = ["h", "--depends-on", "db=up", "--depends-on", "migrate=completed", "--stdin-open", "--", "x"]
        #expect(
            try StartCommand.parse(words).config() == [
                "command": ["x"], "stdin": ["open": true],
                "depends_on": ["db", ["process_id": "migrate", "condition": "completed"]],
            ])
        #expect(throws: (any Error).self) { try StartCommand.parse(["h", "--depends-on", "db=running", "--", "x"]) }
        #expect(throws: (any Error).self) {
            try StartCommand.parse(["h", "--stdin", "a", "--stdin-open", "--", "x"])
        }
    }

    @Test func `options replace values of a file and keep the rest`() throws {
        let base: JSON = [
            "name": "a", "path": "/bin/a", "args": ["b"], "env": ["A": "0", "B": "2"], "limits": ["pids": .number(5)],
            "nice": .number(1),
        ]
        let words = ["h", "--config", "f", "--name", "c", "--env", "A=1", "--limit", "memory=1G"]
        #expect(
            try StartCommand.parse(words).config(base) == [
                "name": "c", "path": "/bin/a", "args": ["b"], "env": ["A": "1", "B": "2"],
                "limits": ["pids": .number(5), "memory": "1G"], "nice": .number(1),
            ])
        #expect(
            try StartCommand.parse(["h", "--config", "f", "--", "x"]).config(["path": "/d", "args": []])
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

    @Test func `global options may stand before or after the subcommand`() throws {
        for words in [["--broker", "mqtt://x", "--json", "hosts"], ["hosts", "--json", "--broker", "mqtt://x"]] {
            let command = try #require(try PMCtl.parseAsRoot(words) as? HostsCommand)
            #expect(command.options.broker == "mqtt://x")
            #expect(command.options.json)
        }
    }
}
