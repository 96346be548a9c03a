import Glibc
import TestSupport
import Testing

/// What `pmctl` says of a broker that it can't use.
@Suite(.serialized) struct BrokerErrorTests {
    @Test(arguments: OldBroker.Manner.allCases)
    func `a broker of MQTT 3.1.1 is used`(manner: OldBroker.Manner) async throws {
        try await withBroker { broker in
            let agent = try AgentProcess(.init(host: "alpha"), url: broker.url)
            let client = try await TestClient(broker)
            try await client.subscribe("pm/alpha/status")
            try agent.start()
            _ = try await client.next { $0.text == "online" }
            let old = try OldBroker(manner, before: broker)
            let pmctl = Pmctl(url: old.url)
            let hosts = try await pmctl.run("hosts")
            #expect(hosts.exitCode == 0 && hosts.output.contains("alpha") && hosts.errors.isEmpty, "\(hosts)")
            let start = try await pmctl.run("start", "alpha", "--name", "web", "--", "sleep", "1000")
            #expect(start.output.hasPrefix("started web on alpha, pid "), "\(start)")
            let stop = try await pmctl.run("stop", "alpha", "web")
            #expect(stop.exitCode == 0, "\(stop)")
            try await agent.stop()
        }
    }

    @Test func `a user that the broker refuses is named`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "users")
        try await withBroker(.init(extra: ["allow_anonymous false", "password_file \(folder.path)/users"])) { broker in
            let pmctl = Pmctl(url: broker.url)
            let result = try await pmctl.run("--broker-user", "olive", "hosts")
            #expect(result.errors == "pmctl: the broker refuses olive: not authorized (broker \(broker.url))\n")
            #expect(result.exitCode == 111)
        }
    }

    @Test func `mqtts to a port without TLS, and mqtt to one with TLS`() async throws {
        let authority = try await Authority()
        let plain = try await withBroker(.init(tcp: true)) { broker in
            try await Pmctl(url: "mqtts://127.0.0.1:\(broker.port)").run("--ca", authority.certificate, "hosts")
        }
        #expect(plain.errors.contains("the broker ended the connection before a TLS handshake"), "\(plain)")
        let pair = try await authority.broker("127.0.0.1")
        let options = Broker.Options(
            tcp: true,
            extra: ["cafile \(authority.certificate)", "certfile \(pair.certificate)", "keyfile \(pair.key)"])
        let encrypted = try await withBroker(options) { broker in
            try await Pmctl(url: "mqtt://127.0.0.1:\(broker.port)").run("hosts")
        }
        #expect(encrypted.errors.contains("mqtts://") || encrypted.errors.contains("connection"), "\(encrypted)")
        for result in [plain, encrypted] {
            #expect(result.exitCode == 111 && result.errors.split(separator: "\n").count == 1)
        }
    }

    @Test func `HTTP at the broker's port is told as HTTP`() async throws {
        let server = try WordServer("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        let encrypted = try await Pmctl(url: "mqtts://127.0.0.1:\(server.port)").run("hosts")
        #expect(encrypted.errors.contains("what answers speaks HTTP, not TLS"), "\(encrypted)")
        let plain = try await Pmctl(url: "mqtt://127.0.0.1:\(server.port)").run("hosts")
        let reasons = ["what answers does not speak MQTT", "is it the port of a broker?"]
        #expect(reasons.contains { plain.errors.contains($0) }, "\(plain)")
    }

    @Test func `a broker that does not accept the connection takes no longer than --timeout`() async throws {
        let port = try Broker.freePort()
        let deaf = try DeafPort(port)
        let result = try await Pmctl(url: "mqtt://127.0.0.1:\(port)").run("--timeout", "0.5", "hosts")
        #expect(result.errors == "pmctl: no answer from the broker at mqtt://127.0.0.1:\(port) in 0.5 s\n")
        withExtendedLifetime(deaf) {}
    }

    @Test func `an address that does not answer is given up after ten seconds, and the next one is used`() async throws
    {
        var options = Broker.Options(tcp: true)
        options.address = "::1"
        try await withBroker(options) { broker in
            let deaf = try DeafPort(broker.port)
            let result = try await Pmctl(url: "mqtt://localhost:\(broker.port)").run("--timeout", "35", "hosts")
            #expect(result.exitCode == 0, "\(result)")
            withExtendedLifetime(deaf) {}
        }
    }
}
