import TestSupport
import Testing

/// `pmctl` with a broker that uses TLS.
@Suite(.serialized) struct EncryptionTests {
    private let authority: Authority

    init() async throws { authority = try await Authority() }

    private func hosts(_ pair: Authority.Pair, _ arguments: [String]) async throws -> Pmctl.Result {
        let options = Broker.Options(
            tcp: true,
            extra: [
                "cafile \(authority.certificate)", "certfile \(pair.certificate)", "keyfile \(pair.key)",
                "require_certificate true",
            ])
        return try await withBroker(options) { broker in
            try await Pmctl(url: "mqtts://127.0.0.1:\(broker.port)").start(["hosts"] + arguments).result()
        }
    }

    @Test func `with certificates of both sides it connects`() async throws {
        let own = try await authority.client("olive")
        let files = ["--ca", authority.certificate, "--cert", own.certificate, "--key", own.key]
        let result = try await hosts(try authority.broker("127.0.0.1"), files)
        #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result)")
    }

    @Test(arguments: [
        ("127.0.0.1", -1, true, "certificate has expired"), ("localhost", 30, true, "ip address mismatch"),
        ("127.0.0.1", 30, false, "self-signed certificate in certificate chain"),
    ])
    func `an untrusted broker is refused with the reason`(
        name: String, days: Int, trusts: Bool, reason: String
    ) async throws {
        let pair = try await authority.broker(name, days: days)
        let result = try await hosts(pair, trusts ? ["--ca", authority.certificate] : [])
        #expect(result.exitCode != 0 && result.output.isEmpty)
        #expect(result.errors.contains("the broker's certificate is refused: \(reason)"), "\(result.errors)")
    }

    @Test func `at localhost, the address without a broker does not hide the reason`() async throws {
        let pair = try await authority.broker("localhost")
        let stranger = try await Authority()
        let options = Broker.Options(
            tcp: true,
            extra: ["cafile \(authority.certificate)", "certfile \(pair.certificate)", "keyfile \(pair.key)"])
        for address in ["127.0.0.1", "::1"] {
            var options = options
            options.address = address
            try await withBroker(options) { broker in
                let pmctl = Pmctl(url: "mqtts://localhost:\(broker.port)")
                let good = try await pmctl.run("--ca", authority.certificate, "hosts")
                #expect(good.exitCode == 0, "\(good)")
                let refused = try await pmctl.run("--ca", stranger.certificate, "hosts")
                #expect(refused.errors.contains("the broker's certificate is refused"), "\(refused)")
            }
        }
        let none = try await Pmctl(url: "mqtts://localhost:\(try Broker.freePort())").run("hosts")
        #expect(none.errors.contains("connection refused"), "\(none)")
    }

    @Test func `without a client certificate the error says that the broker may require one`() async throws {
        let result = try await hosts(try authority.broker("127.0.0.1"), ["--ca", authority.certificate])
        let reasons = ["certificate required", "it may want a certificate"]
        #expect(result.exitCode != 0 && reasons.contains(where: result.errors.contains), "\(result.errors)")
    }
}
