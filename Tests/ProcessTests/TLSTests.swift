import Glibc
import TestSupport
import Testing

/// Agents with a TLS broker.
@Suite(.serialized) struct TLSTests {
    private let authority: Authority

    init() async throws { authority = try await Authority() }

    private func options(_ pair: Authority.Pair, _ more: String...) -> Broker.Options {
        let files = [
            "cafile \(authority.certificate)", "certfile \(pair.certificate)", "keyfile \(pair.key)",
        ]
        return Broker.Options(tcp: true, extra: files + more)
    }

    /// With an agent that connects by TLS; the test itself uses the unix socket.
    private func withTLS(
        _ options: Broker.Options, host: String = "127.0.0.1", configuration: String = "",
        _ body: (AgentBench) async throws -> Void
    ) async throws {
        try await withBroker(options) { broker in
            let text = #"{"stop_grace":5,"broker":"mqtts://\#(host):\#(broker.port)"\#(configuration)}"#
            let agent = try AgentProcess(.init(configuration: text, url: ""), url: broker.url)
            defer { agent.kill() }
            try agent.start()
            let client = try await TestClient(broker)
            for filter in ["pm/h1/response", "pm/reply/#"] { try await client.subscribe(filter) }
            try await body(AgentBench(broker: broker, agent: agent, client: client, version: .v5))
        }
    }

    private var trusting: String { #","ca":"\#(authority.certificate)""# }

    @Test func `an agent and its node connect by TLS`() async throws {
        try await withTLS(options(try authority.broker("127.0.0.1")), configuration: trusting) { bench in
            try await bench.isOnline()
            _ = try await bench.start(.node("n"))
            let watcher = try await bench.watcher(of: "pm/n/status")
            _ = try await watcher.next { $0.text == "online" }
        }
    }

    /// Host names must be in the subject alternative name; the subject is free text.
    @Test(arguments: [
        "", "subjectAltName=IP:127.0.0.1", "subjectAltName=email:a@localhost", "subjectAltName=URI:mqtts://localhost",
    ])
    func `a certificate with the broker's name only in its subject is refused`(alternative: String) async throws {
        let pair = try await authority.broker(commonName: "localhost", extension: alternative)
        try await withTLS(options(pair), host: "localhost", configuration: trusting) { bench in
            let reason =
                "hostname mismatch (it has no subject alternative name of a host, and its common name does not count)"
            try await eventually("the reason") {
                bench.agent.log.contains("the broker's certificate is refused: \(reason)\n")
            }
            #expect(!bench.agent.log.contains(": connected to mqtts"))
        }
    }

    @Test func `a certificate is valid for the names that it lists, whatever its subject is`() async throws {
        let pair = try await authority.broker(
            commonName: "elsewhere.example", extension: "subjectAltName=DNS:localhost")
        try await withTLS(options(pair), host: "localhost", configuration: trusting) { try await $0.isOnline() }
        let other = try await authority.broker(
            commonName: "localhost", extension: "subjectAltName=DNS:elsewhere.example")
        try await withTLS(options(other), host: "localhost", configuration: trusting) { bench in
            try await eventually("the reason") { bench.agent.log.contains("is refused: hostname mismatch\n") }
        }
    }

    @Test(arguments: [
        ("localhost", 30, true, "ip address mismatch"), ("127.0.0.1", -1, true, "certificate has expired"),
        ("127.0.0.1", 30, false, "self-signed certificate in certificate chain"),
    ])
    func `a broker that can't be trusted is refused, and the log has the reason`(
        name: String, days: Int, trusts: Bool, reason: String
    ) async throws {
        let pair = try await authority.broker(name, days: days)
        try await withTLS(options(pair), configuration: trusts ? trusting : "") { bench in
            try await eventually("the reason") {
                bench.agent.log.contains("the broker's certificate is refused: \(reason)\n")
            }
            #expect(!bench.agent.log.contains(": connected to mqtts"))
        }
    }

    @Test func `a broker that requires a certificate gets one, and refuses an agent without one`() async throws {
        let options = options(try await authority.broker("127.0.0.1"), "require_certificate true")
        try await withTLS(options, configuration: trusting) { bench in
            // Which reason is logged depends on which side is faster.
            let reasons = ["the broker refused the handshake: certificate required", "it may want a certificate"]
            try await eventually("the reason") { reasons.contains(where: bench.agent.log.contains) }
        }
        let own = try await authority.client("h1")
        let identity = #","cert":"\#(own.certificate)","key":"\#(own.key)""#
        try await withTLS(options, configuration: trusting + identity) { bench in try await bench.isOnline() }
    }

    @Test func `a clock before 2020 is distinguished from an invalid certificate`() async throws {
        let options = options(try await authority.broker("127.0.0.1"))
        try await withBroker(options) { broker in
            let folder = try TemporaryFolder()
            let file = open("\(folder.path)/jump", O_CREAT | O_WRONLY, 0o600)
            var thirtyYearsAgo = Int64(-946_684_800)
            #expect(write(file, &thirtyYearsAgo, 8) == 8)
            close(file)
            let text = #"{"broker":"mqtts://127.0.0.1:\#(broker.port)"\#(trusting)}"#
            let jump = "LD_PRELOAD=\(try Binaries.find("libpm_jump.so"))"
            let agent = try AgentProcess(
                .init(
                    configuration: text, wrapper: ["/usr/bin/env", jump, "PM_CLOCK_JUMP=\(folder.path)/jump"], url: ""),
                url: broker.url)
            defer { agent.kill() }
            try agent.start()
            try await eventually("the reason") {
                agent.log.contains(
                    "the broker's certificate is refused: certificate is not yet valid "
                        + "(this host's clock says it is before 2020)")
            }
        }
    }

    @Test(arguments: [true, false])
    func `renewed certificates are used at SIGHUP and at each connect`(isReload: Bool) async throws {
        let pair = try await authority.broker("127.0.0.1")
        let options = options(pair, "require_certificate true")
        let (first, second) = try await (authority.client("first"), authority.client("second"))
        let (certificate, key) = ("\(authority.folder.path)/own.pem", "\(authority.folder.path)/own.key")
        for (file, link) in [(first.certificate, certificate), (first.key, key)] { #expect(symlink(file, link) == 0) }
        let identity = #","cert":"\#(certificate)","key":"\#(key)""#
        var named = options
        named.extra.append("use_identity_as_username true")
        try await withTLS(named, configuration: trusting + identity) { bench in
            try await bench.isOnline()
            #expect(bench.broker.log.contains("u'first'"))
            for (file, link) in [(second.certificate, certificate), (second.key, key)] {
                unlink(link)
                #expect(symlink(file, link) == 0)
            }
            if isReload { bench.agent.signal(SIGHUP) } else { try await bench.broker.restart() }
            try await eventually("the new certificate") { bench.broker.log.contains("u'second'") }
        }
    }
}
