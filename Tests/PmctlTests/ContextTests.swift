import JSONCodec
import TestSupport
import Testing

/// `pmctl context` and what other commands make of it.
struct ContextTests {
    @Test func `a context is added, used, listed and removed`() async throws {
        try await withBroker { broker in
            let agent = try await FakeAgent(broker)
            try await agent.say("health", Samples.health("alpha"))
            let folder = try TemporaryFolder()
            let pmctl = Pmctl(broker)
            func run(_ line: String) async throws -> Pmctl.Result {
                try await pmctl.shell("export XDG_CONFIG_HOME=\(folder.path); cd \(folder.path); \(line)")
            }
            #expect(try await run("$PMCTL context ls").output.hasPrefix("  CONTEXT"))
            let first = try await run("$PMCTL context add here --broker $URL")
            #expect(
                first.output == "added context here, which is the current one in \(folder.path)/pmqtt/config.json\n")
            #expect(try await run("stat -c %a pmqtt/config.json").output == "600\n")
            #expect(try await run("$PMCTL hosts").output.contains("alpha"))
            let other = "--broker mqtt://127.0.0.1:1 --broker-user me --password-file secret"
            try folder.write("hush\n", to: "secret")
            #expect(try await run("$PMCTL context add there \(other)").exitCode == 0)
            #expect(folder.read("pmqtt/config.json").contains("\"password_file\": \"\(folder.path)/secret\""))
            #expect(!folder.read("pmqtt/config.json").contains("hush"))
            let again = try await run("$PMCTL context add there \(other)")
            #expect(again.errors == "pmctl: context there exists; --replace replaces it\n" && again.exitCode == 111)
            #expect(
                try await run("$PMCTL hosts --context there").errors.contains(
                    "can't reach the broker at mqtt://127.0.0.1:1"))
            #expect(try await run("PM_CONTEXT=there $PMCTL hosts").errors.contains("127.0.0.1:1"))
            #expect(try await run("PM_BROKER=$URL PM_CONTEXT=there $PMCTL hosts").output.contains("alpha"))
            #expect(try await run("$PMCTL context use there").output == "the current context is there\n")
            let list = try await run("$PMCTL context ls")
            #expect(list.lines.count == 3 && list.lines[2].hasPrefix("*  there"))
            #expect(try await run("$PMCTL hosts").exitCode == 111)
            #expect(try await run("$PMCTL context rm there").output == "removed context there\n")
            let json = try Samples.json(try await run("$PMCTL context ls --json").output)
            #expect(json == ["contexts": ["here": ["broker": .string(broker.url)]]])
        }
    }

    @Test func `a broken file is named with line and column, and keeps no flag from working`() async throws {
        try await withBroker { broker in
            let folder = try TemporaryFolder()
            let pmctl = Pmctl(broker)
            _ = try await pmctl.shell("mkdir \(folder.path)/pmqtt")
            try folder.write("{\n  \"contexts\": {,}\n}", to: "pmqtt/config.json")
            let place = "XDG_CONFIG_HOME=\(folder.path)"
            let broken = try await pmctl.shell("\(place) $PMCTL hosts")
            let error = "pmctl: \(folder.path)/pmqtt/config.json: not valid JSON at line 2, column 16\n"
            #expect(broken.errors == error && broken.exitCode == 111)
            #expect(try await pmctl.shell("\(place) $PMCTL context ls").errors == error)
            #expect(try await pmctl.shell("\(place) $PMCTL hosts --broker $URL").exitCode == 0)
        }
    }
}
