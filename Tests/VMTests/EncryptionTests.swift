import TestSupport
import Testing

extension VMTests {
    /// Guests of a host with a broker that uses TLS and requires client certificates.
    @Suite struct EncryptionTests {
        @Test func `a guest uses TLS like its host, and checks the broker's name`() async throws {
            let authority = try await Authority()
            let (own, client) = try await (authority.broker("127.0.0.1"), authority.client("h1"))
            let options = Broker.Options(
                tcp: true,
                extra: [
                    "cafile \(authority.certificate)", "certfile \(own.certificate)", "keyfile \(own.key)",
                    "require_certificate true",
                ])
            try await withBroker(options) { broker in
                let files = #""ca":"\#(authority.certificate)","cert":"\#(client.certificate)","key":"\#(client.key)""#
                var options = AgentProcess.Options(
                    configuration: #"{"stop_grace":5,"broker":"mqtts://127.0.0.1:\#(broker.port)",\#(files)}"#, url: "")
                options.vms = true
                let agent = try AgentProcess(options, url: broker.url)
                defer { agent.kill() }
                try agent.start()
                let client = try await TestClient(broker)
                for filter in ["pm/h1/response", "pm/reply/#"] { try await client.subscribe(filter) }
                let bench = VMBench(
                    host: AgentBench(broker: broker, agent: agent, client: client, version: .v5))
                try await bench.host.isOnline()
                for id in ["booted", "cloned"] {
                    try await bench.start(id, isBooted: id == "booted")
                    #expect(
                        try await bench.shell(id, "stat -c %a /run/pmqtt/key.pem /run/pmqtt/agent.json") == "600\n600")
                    #expect(
                        try await bench.host.method(.killProcess(id))["status"] == "success")
                }
                try await agent.stop()
            }
        }
    }
}
