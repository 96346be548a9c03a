import HubRuntime
import Model
import Routing
import TestSupport
import Testing

/// `pm/hub/host/<host>`, stale hosts, conflicts, and hosts that were known before.
struct PresenceTopicTests {
    private let bench: HubBench

    init() throws { bench = try HubBench() }

    private func health(_ session: String, _ number: Int, from connection: ConnectionKey? = nil) {
        let text = #"{"host":"a","timestamp":1,"interval":10,"seq":\#(number),"session":"\#(session)","load":[1,2,3]}"#
        bench.send(FakeMessage("pm/a/health", text, from: connection ?? bench.agent))
    }

    private func presence() throws -> JSONValue? {
        let messages = bench.broker.take().filter { $0.topic == "pm/hub/host/a" }
        #expect(messages.allSatisfy { $0.isRetained && $0.qos == 1 })
        return try messages.last.map { $0.payload.isEmpty ? .null : try $0.json }
    }

    private func refusal() throws -> JSONValue? {
        try bench.answer(#"{"host_name":"a","list_active_processes":{}}"#).json["error_message"]
    }

    @Test func `a host's presence is published when it comes, goes and is forgotten`() throws {
        bench.disconnect(bench.agent)
        #expect(try presence()?["online"] == false)
        bench.online("a", through: bench.agent)
        let online = try #require(try presence())
        #expect(online["host_name"] == "a" && online["online"] == true && online["stale"] == false)
        #expect(online["conflict"] == false && online["labels"] == [:])
        bench.send(FakeMessage("pm/a/status", "offline", from: bench.agent, retain: true))
        bench.send(FakeMessage("pm/a/status", "", from: bench.agent, retain: true))
        #expect(try presence() == .null)
    }

    @Test func `its labels come from info`() throws {
        bench.send(FakeMessage("pm/a/info", #"{"labels":{"rack":"7"},"version":"1"}"#, from: bench.agent))
        #expect(try presence()?["labels"] == ["rack": "7"])
        for text in ["no JSON", #"{"labels":7}"#, #"{"labels":{"rack":"7"}}"#] {
            bench.send(FakeMessage("pm/a/info", text, from: bench.client))
            #expect(try presence() == nil)
        }
    }

    @Test func `a host that is connected and silent is stale, and gets no request`() throws {
        bench.pass(3_600)
        #expect(try presence() == nil, "it has never sent health")
        health("s", 1)
        bench.pass(24)
        #expect(try presence() == nil)
        bench.pass(2)
        #expect(try presence()?["stale"] == true)
        #expect(try refusal() == "host offline")
        health("s", 2)
        #expect(try presence()?["stale"] == false)
        #expect(
            bench.send("pm/hub/control", #"{"host_name":"a","list_active_processes":{}}"#)?.topicNow == "pm/a/control")
    }

    @Test func `two agents of one name are a conflict, and get no request`() throws {
        let other = bench.broker.connect("pm-agent-a", user: "root")
        bench.online("a", through: other)
        for number in 1...2 { health("first", number) }
        health("second", 1, from: other)
        #expect(try presence() == nil)
        health("first", 3)
        #expect(try presence()?["conflict"] == true)
        let answer = try bench.answer(#"{"method":"get_health","host_name":"a"}"#)
        #expect(try answer.errorCode == "host_conflict")
        for number in 0..<61 {
            health("second", 2 + number, from: other)
            bench.pass(10)
        }
        #expect(try presence()?["conflict"] == false)
    }

    @Test func `the hosts of before are offline and not unknown`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/hosts"
        let broker = FakeBroker()
        var hub = Hub(broker, accessList: nil, requestRate: nil, hosts: path)
        hub.start()
        let agent = broker.connect("pm-agent-a")
        _ = hub.received(FakeMessage("pm/a/status", "online", from: agent, retain: true))
        hub.end()
        let next = FakeBroker()
        var later = Hub(next, accessList: nil, requestRate: nil, hosts: path)
        later.start()
        _ = next.take()
        let client = next.connect("me")
        _ = later.received(
            FakeMessage("pm/hub/control", #"{"host_name":"a","list_active_processes":{}}"#, from: client))
        #expect(try next.take().first?.json["error_message"] == "host offline")
        next.steadyTime += Limits.hostsReturn + 1
        later.ticked()
        let list = try next.take().last { $0.topic == "pm/hub/hosts" }?.json["nodes"]?.array
        #expect(list?.count == 1 && list?.first?["online"] == false)
    }

    @Test(arguments: ["", "{", #"{"hosts":7}"#, #"{"hosts":[7,{"host_name":"a/b"},{"host_name":1}]}"#])
    func `a damaged file of hosts is logged, and the hub works`(text: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "hosts")
        let broker = FakeBroker()
        var hub = Hub(broker, accessList: nil, requestRate: nil, hosts: "\(folder.path)/hosts")
        hub.start()
        let isRead = text.hasPrefix(#"{"hosts":["#)
        #expect(broker.lines.contains { $0.hasPrefix("error: hub:") } == !isRead)
        let agent = broker.connect("pm-agent-a")
        let isPassed = hub.received(FakeMessage("pm/a/status", "online", from: agent, retain: true))
        #expect(isPassed)
    }

    @Test func `beside dynamic-security the hub routes only with an ACL file or if it is told to be open`() throws {
        for (isOpen, isRouted) in [(false, false), (true, true)] {
            let broker = FakeBroker()
            broker.hasOtherAccessControl = true
            var hub = Hub(broker, accessList: nil, isOpen: isOpen, requestRate: nil)
            hub.start()
            let agent = broker.connect("pm-agent-a")
            _ = hub.received(FakeMessage("pm/a/status", "online", from: agent, retain: true))
            _ = broker.take()
            let request = FakeMessage(
                "pm/hub/control", #"{"host_name":"a","list_active_processes":{}}"#, from: broker.connect("eve"))
            _ = hub.received(request)
            #expect((request.topicNow == "pm/a/control") == isRouted)
            #expect(try broker.take().first?.json["error_message"] == (isRouted ? nil : "not authorized"))
            #expect(broker.lines.contains { $0.contains("dynamic-security") } == !isRouted)
        }
        let bench = try HubBench(HubBench.rules)
        bench.broker.hasOtherAccessControl = true
        let routed = bench.send("pm/hub/control", #"{"host_name":"a","list_active_processes":{}}"#)
        #expect(routed?.topicNow == "pm/a/control")
    }
}
