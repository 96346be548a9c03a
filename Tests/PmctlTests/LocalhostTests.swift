import TestSupport
import Testing

/// A broker at `localhost`, which resolves to both loopback addresses.
@Suite(.serialized) struct LocalhostTests {
    @Test(arguments: ["127.0.0.1", "::1"]) func `the broker is found at either address`(address: String) async throws {
        var options = Broker.Options(tcp: true)
        options.address = address
        try await withBroker(options) { broker in
            let pmctl = Pmctl(url: "mqtt://localhost:\(broker.port)")
            let folder = try TemporaryFolder()
            let flags = ["--host", "alpha", "--broker", pmctl.url, "--state-dir", "\(folder.path)/state"]
            let agent = try ChildProcess([try Binaries.agent] + flags, log: "\(folder.path)/log")
            defer { agent.end(with: 15) }
            try await eventually("the agent") { try await pmctl.run("hosts").output.contains("alpha") }
        }
    }

    @Test func `no listener gives connection refused`() async throws {
        let server = try LocalServer()
        let result = try await Pmctl(url: "mqtt://localhost:\(server.port)").run("hosts")
        #expect(result.exitCode != 0 && result.errors.contains("connection refused"), "\(result.errors)")
    }
}
