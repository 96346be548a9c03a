import TestSupport
import Testing

/// The limit on the requests a second of each connection.
struct RequestRateTests {
    private static let request = #"{"host_name":"a","method":"get_health"}"#

    /// How many of ten requests pass.
    private func passing(_ bench: HubBench, _ topic: String = "pm/a/control") -> Int {
        (1...10).count { _ in bench.send(topic, Self.request) != nil }
    }

    @Test(arguments: ["pm/a/control", "pm/hub/control"])
    func `a burst passes, and then as many requests as seconds allow`(topic: String) throws {
        let bench = try HubBench(rate: 5)
        #expect(passing(bench, topic) == 5)
        #expect(bench.broker.take().count == (topic == "pm/hub/control" ? 5 : 0))
        bench.pass(0.5)
        #expect(passing(bench, topic) == 2)
        bench.pass(60)
        #expect(passing(bench, topic) == 5)
    }

    @Test func `connections do not share their limit, and a new one begins anew`() throws {
        let bench = try HubBench(rate: 5)
        #expect(passing(bench) == 5)
        let other = bench.broker.connect("other")
        #expect(bench.send(FakeMessage("pm/a/control", Self.request, from: other)) != nil)
        bench.disconnect(bench.client)
        #expect(passing(bench) == 5)
    }

    @Test func `a rate of 0 refuses all requests, and no other messages`() throws {
        let bench = try HubBench(rate: 0)
        #expect(passing(bench) == 0)
        for _ in 1...10 { #expect(bench.send("pm/a/health", "{}") != nil) }
    }

    @Test func `without a rate there is no limit`() throws {
        let bench = try HubBench()
        for _ in 1...100 { #expect(passing(bench) == 10) }
    }

    @Test func `clearing a control topic is never answered, even over the rate`() throws {
        let bench = try HubBench(rate: 1)
        for _ in 1...10 {
            bench.send("pm/hub/control", "", retain: true, properties: .init(responseTopic: "pm/b/response"))
        }
        #expect(bench.broker.take().isEmpty)
    }
}
