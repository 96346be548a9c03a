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

    @Test(arguments: ["", "a/b", "-x", "99999999999", "é"]) func `no process`(text: String) {
        #expect(throws: ValidationError.self) { try Arguments.process(text) }
    }

    @Test(arguments: ["hub", "cluster", "a b", "+", ""]) func `no host`(text: String) {
        #expect(throws: ValidationError.self) { try Arguments.host(text) }
    }

    @Test func `a variable's value may hold anything`() throws {
        #expect(try Arguments.variable("A=b=c") == EnvironmentVariable(name: "A", value: "b=c"))
        #expect(try Arguments.variable("A=") == EnvironmentVariable(name: "A", value: ""))
        #expect(throws: ValidationError.self) { try Arguments.variable("=b") }
        #expect(throws: ValidationError.self) { try Arguments.variable("A") }
    }

    @Test func `options become a config`() throws {
        let words = ["h", "--name", "web", "--cwd", "/srv", "--env", "B=1", "--env", "A=2", "--env", "B=3", "--"]
        let command = try StartCommand.parse(words + ["sh", "-c", "exit 3", "--", "--json"])
        #expect(
            command.config == [
                "command": ["sh", "-c", "exit 3", "--", "--json"], "name": "web", "path": "/srv",
                "env": ["A": "2", "B": "3"],
            ])
        #expect(!command.options.json)
    }

    @Test func `options may stand before the subcommand and behind it`() throws {
        for words in [["--broker", "mqtt://x", "--json", "hosts"], ["hosts", "--json", "--broker", "mqtt://x"]] {
            let command = try #require(try PMCtl.parseAsRoot(words) as? HostsCommand)
            #expect(command.options.broker == "mqtt://x")
            #expect(command.options.json)
        }
    }
}
