import JSONCodec
import TestSupport
import Testing

/// A user with the role of a viewer: it reads all, and writes only readings and its own answers.
@Suite(.serialized) struct ViewerTests {
    private static func options(_ folder: TemporaryFolder, viewer: [String]) throws -> Broker.Options {
        let rights = ["topic readwrite pm/#", "", "user eve"] + viewer.map { "topic \($0)" }
        try folder.write(rights.joined(separator: "\n") + "\n", to: "acl")
        return .init(extra: ["acl_file \(folder.path)/acl"])
    }

    private static let rights = ["read pm/#", "write pm/+/watch", "write pm/reply/eve/#"]

    @Test func `a viewer lists processes and sees one of them, but stops none`() async throws {
        let folder = try TemporaryFolder()
        try await withAgent(broker: try Self.options(folder, viewer: Self.rights)) { bench in
            let pmctl = Pmctl(bench.broker)
            let started = try await pmctl.run("start", "h1", "--name", "web", "--", "sleep", "1000")
            #expect(started.exitCode == 0, "\(started)")
            let list = try await pmctl.run("--broker-user", "eve", "ps", "h1")
            #expect(list.lines.count == 2 && list.lines[1].hasPrefix("web      running"), "\(list)")
            #expect(list.exitCode == 0 && list.errors.isEmpty)
            let status = try await pmctl.run("--broker-user", "eve", "status", "h1", "web")
            #expect(status.lines.contains("state     running") && status.exitCode == 0, "\(status)")
            for words in [["stop", "h1", "web"], ["stop", "h1", "*"]] {
                let stop = try await pmctl.start(["--broker-user", "eve"] + words).result()
                #expect(stop.errors.contains("the broker refuses messages to pm/h1/control"), "\(stop)")
                #expect(stop.exitCode == 7)
            }
        }
    }

    @Test func `where the broker lets a user send nothing, ps shows what the agent left with it`() async throws {
        let folder = try TemporaryFolder()
        try await withAgent(broker: try Self.options(folder, viewer: ["read pm/#", "write pm/reply/eve/#"])) { bench in
            let pmctl = Pmctl(bench.broker)
            _ = try await pmctl.run("start", "h1", "--name", "web", "--", "sleep", "1000")
            let list = try await pmctl.run("--broker-user", "eve", "ps", "h1")
            #expect(list.lines.count == 2 && list.lines[1].hasPrefix("web      running"), "\(list)")
            #expect(list.exitCode == 0)
        }
    }

    @Test func `a host that the user may not ask fails alone`() async throws {
        let folder = try TemporaryFolder()
        let rights = ["read pm/#", "write pm/alpha/control", "write pm/reply/eve/#"]
        try await withBroker(try Self.options(folder, viewer: rights)) { broker in
            let agent = try await FakeAgent(broker)
            let others = [try await FakeAgent(broker, "beta"), try await FakeAgent(broker, "gamma")]
            let run = try Pmctl(broker).start(["--broker-user", "eve", "stop", "*", "web"])
            try await agent.answerNext(["status": "success"])
            let result = try await run.result()
            #expect(result.output == "stopped web on alpha\n" && result.exitCode == 6, "\(result)")
            for name in ["beta", "gamma"] {
                #expect(result.errors.contains("pmctl: web on \(name): the broker refuses messages to pm/\(name)/"))
            }
            withExtendedLifetime(others) {}
        }
    }
}
