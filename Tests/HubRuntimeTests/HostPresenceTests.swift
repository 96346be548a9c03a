import HubRuntime
import Model
import TestSupport
import Testing

/// When the hub publishes the list of hosts, and what it says.
struct HostPresenceTests {
    private let bench: HubBench

    init() throws { bench = try HubBench() }

    /// The last list that was published since the last call: whether each host is online.
    private func hosts() throws -> [String: JSONValue]? {
        try bench.broker.take().last { $0.topic == "pm/hub/hosts" }.map { list in
            #expect(list.isRetained)
            let nodes = try list.json["nodes"]?.array ?? []
            return Dictionary(nodes.map { ($0["host_name"]?.string ?? "", $0["online"] ?? .null) }) { $1 }
        }
    }

    @Test func `the status is published at the start, the list only with hosts, and the rights are logged`() throws {
        let broker = FakeBroker()
        var hub = Hub(broker, accessList: nil, requestRate: nil)
        hub.start()
        let messages = broker.take()
        #expect(messages.map(\.topic) == ["pm/hub/status"])
        #expect(messages.allSatisfy { $0.isRetained && $0.qos == 1 })
        #expect(messages.first?.payload == Array("online".utf8))
        #expect(broker.lines.last == "info: hub: no plugin_opt_acl_file: access to hosts is not restricted")
    }

    @Test func `a broker that hides properties is reported if there is an ACL file`() throws {
        let broker = FakeBroker()
        broker.canReadProperties = false
        var hub = Hub(broker, accessList: "/dev/null", requestRate: nil)
        hub.start()
        #expect(broker.lines.last?.hasPrefix("error: hub: this broker hides Response Topics") == true)
    }

    @Test func `hosts that come and go are published within a fifth of a second`() throws {
        bench.pass(1)
        #expect(try hosts() == ["a": true])
        bench.online("b", through: bench.agent)
        bench.pass(0.1)
        #expect(try hosts() == nil)
        bench.pass(0.1)
        #expect(try hosts() == ["a": true, "b": true])
        bench.disconnect(bench.agent)
        bench.pass(1)
        #expect(try hosts() == ["a": false, "b": false])
        bench.pass(3_600)
        #expect(try hosts() == nil)
    }

    @Test func `offline, clearing and another connection's end follow the registry`() throws {
        let other = bench.broker.connect("other")
        bench.online("a", through: other)
        bench.disconnect(other)
        bench.pass(1)
        #expect(try hosts() == ["a": true])
        bench.send(FakeMessage("pm/a/status", "offline", from: other, retain: true))
        bench.pass(1)
        #expect(try hosts() == ["a": false])
        bench.send(FakeMessage("pm/a/status", "", from: other, retain: true))
        bench.pass(1)
        #expect(try hosts() == [:])
    }

    @Test(arguments: ["pm/a/health", "pm/a/info", "pm/a/process/p", "pm/a/log/p/stdout", "pm/a/response"])
    func `activity of an agent is published every half minute, and that of other clients is not`(topic: String) throws {
        bench.pass(1)
        _ = bench.broker.take()
        bench.send(topic, "{}")
        bench.pass(60)
        #expect(try hosts() == nil)
        bench.send(FakeMessage(topic, "{}", from: bench.agent))
        #expect(try hosts() == ["a": true])
        bench.send(FakeMessage(topic, "{}", from: bench.agent))
        bench.pass(Limits.hostsRefresh - 1)
        #expect(try hosts() == nil)
        bench.pass(1)
        #expect(try hosts() == ["a": true])
    }

    @Test func `without ticks requests trigger the list`() throws {
        bench.broker.steadyTime += 1
        bench.send("pm/a/control", #"{"method":"get_health"}"#)
        #expect(try hosts() == ["a": true])
    }

    @Test func `further hosts than the limit are ignored, with one line in the log`() throws {
        for number in 1..<Limits.hubHosts + 2 { bench.online("h\(number)", through: bench.agent) }
        #expect(bench.broker.lines.filter { $0.hasSuffix("further hosts are ignored") }.count == 1)
        // The longer the list, the less often it is published.
        bench.pass(21)
        #expect(try hosts()?.count == Limits.listedHosts)
    }
}
