import Glibc
import TestSupport
import Testing

/// pm-cluster with a TLS broker.
struct RenewalTests {
    @Test func `SIGHUP reloads the certificates and reconnects`() async throws {
        let authority = try await Authority()
        let pair = try await authority.broker("127.0.0.1")
        let options = Broker.Options(
            tcp: true,
            extra: [
                "cafile \(authority.certificate)", "certfile \(pair.certificate)", "keyfile \(pair.key)",
                "require_certificate true", "use_identity_as_username true",
            ])
        let own = "\(authority.folder.path)/own"
        func use(_ name: String) async throws {
            let pair = try await authority.client(name)
            for (file, link) in [(pair.certificate, "\(own).pem"), (pair.key, "\(own).key")] {
                unlink(link)
                #expect(symlink(file, link) == 0)
            }
        }
        try await withBroker(options) { broker in
            try await use("first")
            let files = #""ca":"\#(authority.certificate)","cert":"\#(own).pem","key":"\#(own).key""#
            let cluster = try ClusterProcess(
                url: "", configuration: #"{"broker":"mqtts://127.0.0.1:\#(broker.port)",\#(files)}"#)
            try cluster.start()
            defer { cluster.kill() }
            let client = try await TestClient(broker)
            try await client.subscribe("pm/reply/#")
            let bench = ClusterBench(broker: broker, cluster: cluster, hosts: [], client: client)
            try await bench.clusterIsOnline()
            #expect(broker.log.contains("u'first'"))
            try await use("second")
            let statuses = try await TestClient(broker)
            try await statuses.subscribe("pm/cluster/status")
            _ = try await statuses.next { $0.text == "online" }
            cluster.signal(SIGHUP)
            try await eventually("the new certificate") { broker.log.contains("u'second'") }
            for text in ["offline", "online"] { _ = try await statuses.next { $0.text == text } }
            #expect(try await bench.method("node", "get_nodes")["status"] == "success")
            #expect(try await cluster.stop() == 0)
        }
    }
}
