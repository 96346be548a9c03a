import HubRuntime
import TestSupport
import Testing

/// Where the hub routes requests, and how it changes them.
struct RequestRoutingTests {
    private let bench: HubBench

    init() throws { bench = try HubBench() }

    @Test(arguments: [
        #"{"list_active_processes":{},"host_name":"a"}"#,
        #"{ "id" : 1 , "host_name" : "a" , "list_active_processes" : {} }"#,
        #"{"ho\u0073t_name":"a","list_active_processes":{}}"#, #"{"host_name":"\u0061"}"#,
        #"{"x":{"host_name":"b"},"host_name":"a"}"#, #"{"method":"get_health","host_name":"a"}"#,
    ])
    func `a request is routed to the host that it names, in any spelling`(request: String) {
        let properties = Message.Properties(
            contentType: "application/json", correlationData: [0, 255], expiryInterval: 60, user: [["x", "1"]])
        let message = bench.send("pm/hub/control", request, properties: properties)
        #expect(message?.topicNow == "pm/a/control")
        #expect(message?.mqtt5 == properties)
        #expect(bench.broker.take().isEmpty)
    }

    @Test func `a request with node_id gets the hub's response topic unless it has one`() {
        let request = #"{"method":"get_health","node_id":"a"}"#
        let message = bench.send("pm/hub/control", request)
        #expect(message?.topicNow == "pm/a/control")
        #expect(message?.mqtt5.responseTopic == "pm/hub/response")
        let other = bench.send("pm/hub/control", request, properties: .init(responseTopic: "pm/reply/1"))
        #expect(other?.mqtt5.responseTopic == "pm/reply/1")
    }

    @Test(arguments: [
        ("b", "unknown_host"), ("gone", "host_offline"), ("a/b", "invalid_argument"), ("", "invalid_argument"),
        ("hub", "invalid_argument"), (String(repeating: "a", count: 300), "invalid_argument"),
    ])
    func `a request to a host that is not there is answered by the hub`(host: String, code: String) throws {
        let agent = bench.broker.connect("pm-agent-gone")
        bench.online("gone", through: agent)
        bench.disconnect(agent)
        let answer = try bench.answer(#"{"method":"get_health","host_name":"\#(host)"}"#)
        #expect(try answer.errorCode == code)
        #expect(answer.topic == "pm/hub/response")
    }

    @Test func `the host of the last request is not taken for one that has gone`() throws {
        let request = #"{"method":"get_health","host_name":"a"}"#
        #expect(bench.send("pm/hub/control", request)?.topicNow == "pm/a/control")
        bench.disconnect(bench.agent)
        bench.pass(1)
        _ = bench.broker.take()
        #expect(try bench.answer(request).errorCode == "host_offline")
    }

    @Test(arguments: ["pm/a/control", "pm/hub/control", "pm/cluster/node/control"])
    func `a request loses its retain flag, but a retained one can be cleared`(topic: String) {
        let request = bench.send(topic, #"{"host_name":"a"}"#, retain: true)
        #expect(request?.isRetained == false)
        let clearing = bench.send(topic, "", retain: true)
        #expect(clearing?.isRetained == true)
        #expect(clearing?.topicNow == topic)
        #expect(bench.broker.take().isEmpty)
    }

    @Test(arguments: ["pm/a/health", "pm/a/b/control", "pm/reply/x"])
    func `other topics keep their retain flag`(topic: String) {
        #expect(bench.send(topic, "{}", retain: true)?.isRetained == true)
    }

    @Test func `with an ACL file retained messages on reply topics lose their flag, as they would stay forever`() throws
    {
        let bench = try HubBench(HubBench.rules)
        #expect(bench.send("pm/reply/op/1", "{}", retain: true)?.isRetained == false)
        #expect(bench.send("pm/reply/op/1", "", retain: true)?.isRetained == true)
    }
}
