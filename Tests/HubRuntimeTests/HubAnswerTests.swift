import HubRuntime
import Model
import TestSupport
import Testing
import Wire

/// What the hub itself answers, and where.
struct HubAnswerTests {
    private let bench: HubBench

    init() throws { bench = try HubBench() }

    @Test func `list_hosts lists the hosts that are online and those that were`() throws {
        let agent = bench.broker.connect("pm-agent-b")
        bench.online("b", through: agent)
        bench.disconnect(agent)
        let answer = try bench.answer(#"{"list_hosts":{},"id":"x"}"#)
        let time = JSONValue.number(bench.broker.wallTime)
        #expect(
            try answer.json == [
                "list_hosts": [
                    "hosts": [
                        ["host_name": "a", "online": true, "last_active": time],
                        ["host_name": "b", "online": false, "last_active": time],
                    ]
                ], "success": true, "id": "x",
            ])
        #expect(answer.contentType == .blueZeroResponse && !answer.isRetained)
    }

    @Test func `an answer has the QoS and the correlation data of its request`() {
        for qos in [Int32(0), 1] {
            bench.send(
                FakeMessage(
                    "pm/hub/control", #"{"list_hosts":{}}"#, from: bench.client, qos: qos,
                    properties: .init(responseTopic: "pm/reply/five", correlationData: [1, 0, 2])))
            let answer = bench.broker.take().first
            #expect(answer?.qos == qos && answer?.correlationData == [1, 0, 2] && answer?.topic == "pm/reply/five")
        }
    }

    @Test func `reply_to comes before the Response Topic, which a malformed request is answered on`() throws {
        let properties = Message.Properties(responseTopic: "pm/reply/five")
        let both = try bench.answer(#"{"host_name":"b","reply_to":"pm/reply/json"}"#, properties: properties)
        #expect(both.topic == "pm/reply/json")
        #expect(try bench.answer("{", properties: properties).topic == "pm/reply/five")
    }

    @Test(arguments: [
        ("{", "malformed request"), ("[]", "malformed request: not an object"),
        (#"{"list_active_processes":{}}"#, "missing host_name"),
        (#"{"list_hosts":[]}"#, "list_hosts must be an object"),
        (#"{"host_name":1,"list_hosts":{}}"#, "host_name must be a string"),
        (#"{"list_hosts":{},"timestamp":1}"#, "expired"), (#"{"list_hosts":{},"reply_to":"+"}"#, "reply topic"),
        (#"{"list_hosts":{},"stop_process":{"pid":1}}"#, "more than one command"),
    ])
    func `a request that names no host is refused with a reason unless it is list_hosts`(
        request: String, reason: String
    ) throws {
        let answer = try bench.answer(request)
        let json = try answer.json
        let text = json["error_message"]?.string ?? json["result"]?["error"]?["detail"]?.string
        #expect(text?.hasPrefix(reason) == true, "\(json)")
        #expect(answer.topic == "pm/hub/response")
    }

    @Test func `a request expires by the broker's wall clock`() throws {
        for (age, isAnswered) in [(Limits.requestTTL, true), (Limits.requestTTL + 1, false)] {
            let request = #"{"list_hosts":{},"timestamp":\#(bench.broker.wallTime - age)}"#
            #expect(try bench.answer(request).json["success"] == .bool(isAnswered))
        }
    }
}
