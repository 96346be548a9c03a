import HubRuntime
import Model
import TestSupport
import Testing

/// The order of the checks: size, rate, reply topics, signature, right to the host.
struct RefusalOrderTests {
    private static let request = #"{"host_name":"a","method":"get_health","reply_to":"pm/reply/op/1"}"#
    private static let foreign = #"{"host_name":"a","method":"get_health","reply_to":"pm/reply/root/1"}"#
    private static let large = String(repeating: " ", count: Limits.forwardedRequest) + request

    @Test func `a request that is too large is answered on its reply topic, and counts as a request`() throws {
        let bench = try HubBench(HubBench.rules, rate: 1)
        let properties = Message.Properties(responseTopic: "pm/reply/op/2")
        #expect(bench.send("pm/a/control", Self.large, properties: properties) == nil)
        let answer = try #require(bench.broker.take().first)
        #expect(answer.topic == "pm/reply/op/2")
        #expect(try answer.errorCode == "malformed_request")
        #expect(bench.send("pm/a/control", Self.request) == nil)
        #expect(
            bench.broker.lines.suffix(2) == [
                "warning: hub: malformed: user op, client me: malformed request: larger than 262144 bytes on pm/a/control",
                "warning: hub: no capacity: user op, client me: more than 1 requests a second",
            ])
    }

    @Test(arguments: ["pm/a/control", "pm/hub/control"])
    func `a request that is too large is not answered where the requester may not publish`(topic: String) throws {
        let bench = try HubBench(HubBench.rules)
        #expect(bench.send(topic, Self.large, properties: .init(responseTopic: "pm/reply/root/1")) == nil)
        #expect(bench.broker.take().allSatisfy { $0.topic == "pm/hub/response" })
    }

    @Test func `over the rate the hub answers its own requests, unless the reply topic is forbidden`() throws {
        let bench = try HubBench(HubBench.rules, rate: 1)
        #expect(bench.send("pm/hub/control", Self.request)?.topicNow == "pm/a/control")
        let answer = try bench.answer(Self.request)
        #expect(answer.topic == "pm/reply/op/1")
        #expect(try answer.errorCode == "no_capacity")
        let foreign = try bench.answer(Self.foreign)
        #expect(foreign.topic == "pm/hub/response")
        #expect(try foreign.errorCode == "not_authorized")
    }

    @Test(arguments: ["pm/a/control", "pm/cluster/node/control", "pm/hub/control"])
    func `a request with a forbidden reply topic is neither signed nor routed`(topic: String) throws {
        let bench = try HubBench(HubBench.rules)
        let message = FakeMessage(topic, Self.foreign, from: bench.client)
        #expect(bench.send(message) == nil)
        #expect(message.mqtt5.user.isEmpty)
        #expect(message.topicNow == topic)
        let answers = bench.broker.take()
        #expect(answers.map(\.topic) == (topic == "pm/hub/control" ? ["pm/hub/response"] : []))
        #expect(
            bench.broker.lines.last
                == "warning: hub: not authorized: user op, client me: get_health with answers to pm/reply/root/1")
    }

    @Test(arguments: [
        (#""reply_\u0074o":"pm/reply/root/1""#, false), (#""reply_to":"pm\/reply\/root\/1""#, false),
        (#""x":{"reply_to":"pm/reply/root/1"}"#, true), (#""x":"\"reply_to\":\"pm/reply/root/1\"""#, true),
        (#""reply_to":"pm/a/control""#, true),
    ])
    func `the reply topic is found in any spelling, and only where it counts`(member: String, passes: Bool) throws {
        let bench = try HubBench(HubBench.rules)
        #expect((bench.send("pm/a/control", #"{"method":"get_health",\#(member)}"#) != nil) == passes)
    }

    @Test func `a request that cannot be signed is refused, as its own properties might name another requester`() throws
    {
        let bench = try HubBench(HubBench.rules)
        let message = FakeMessage("pm/hub/control", Self.request, from: bench.client)
        message.takesProperties = false
        #expect(bench.send(message) == nil)
        #expect(message.topicNow == "pm/hub/control")
        #expect(bench.broker.lines.last?.hasSuffix("can't add the requester to the message") == true)
        // The id was not shown, so it is not reserved.
        #expect(bench.admits(bench.broker.connect("me", user: "eve")))
    }

    @Test func `without the right to the host the request is signed, and refused with an answer`() throws {
        let bench = try HubBench(HubBench.rules)
        bench.online("b", through: bench.agent)
        _ = bench.broker.take()
        let message = FakeMessage(
            "pm/hub/control", #"{"host_name":"b","method":"get_health","reply_to":"pm/reply/op/1"}"#,
            from: bench.client)
        // The broker may process the message, which no client receives on this topic.
        #expect(bench.send(message)?.topicNow == "pm/hub/control")
        #expect(message.mqtt5.user == [["pm-user", "op"], ["pm-client", "me"]])
        let answer = try #require(bench.broker.take().first)
        #expect(answer.topic == "pm/reply/op/1")
        #expect(try answer.errorCode == "not_authorized")
        #expect(bench.broker.lines.last == "warning: hub: not authorized: user op, client me: get_health on b")
    }
}
