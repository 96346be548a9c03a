import JSONCodec
import Model
import Testing
import Wire

struct RequestHeaderTests {
    private func request(_ members: String, _ properties: MessageProperties = .init()) -> Request {
        Request(#"{"list_active_processes":{},\#(members)}"#, properties)
    }

    @Test(arguments: [
        #""a""#, #""""#, "0", "-1", "1.5", "9007199254740991", "-9007199254740991", #""é\n""#,
        #""0""#,
    ])
    func `an id is echoed unchanged`(id: String) throws {
        let answer = try request(#""id":\#(id)"#).answer(.pids([]))
        #expect(answer["id"] == (try JSON.of(id)))
    }

    @Test(arguments: ["null", "true", "[]", "{}", "9007199254740994", "-1e16", "1e999"])
    func `an invalid id is refused and not echoed`(id: String) throws {
        let request = request(#""id":\#(id)"#)
        #expect(request.failure?.code == .malformedRequest)
        #expect(try request.answer(.failed(Failure(.malformedRequest, "x")))["id"] == nil)
    }

    @Test func `an id is 256 bytes long at most`() {
        #expect(request(#""id":"\#(String(repeating: "é", count: 128))""#).failure == nil)
        #expect(request(#""id":"\#(String(repeating: "é", count: 128))x""#).failure?.code == .malformedRequest)
    }

    @Test func `different ids are not equal`() {
        let ids = [#""1""#, "1", "1.5", #""é""#, "\"e\u{301}\"", #""""#, "0", #""0""#].map {
            request(#""id":\#($0)"#).header.id
        }
        #expect(Set(ids).count == ids.count)
        #expect(request(#""id":1"#).header.id == request(#""id":1.0"#).header.id)
        #expect(request(#""id":"\u0061""#).header.id == request(#""id":"a""#).header.id)
    }

    @Test func `correlation data is 1,024 bytes long at most`() {
        func header(_ size: Int) -> RequestHeader {
            request(#""x":1"#, MessageProperties(correlationData: Array(repeating: 1, count: size))).header
        }
        #expect(header(1_024).refusal == nil && header(1_024).correlationData?.count == 1_024)
        #expect(header(1_025).refusal?.code == .malformedRequest && header(1_025).correlationData == nil)
    }

    @Test func `reply_to takes precedence over the response topic`() {
        let properties = MessageProperties(responseTopic: "five", correlationData: [1])
        #expect(request(#""reply_to":"mine""#, properties).header.replyTo?.description == "mine")
        #expect(request(#""x":1"#, properties).header.replyTo?.description == "five")
        #expect(request(#""x":1"#, properties).header.correlationData == [1])
        #expect(request(#""x":1"#).header.replyTo == nil)
        #expect(Request("not json", properties).header.replyTo?.description == "five")
        #expect(Request("[]", properties).header.replyTo?.description == "five")
    }

    @Test(arguments: [#""a/+""#, #""""#, #""pm/h/control""#, #""$SYS/x""#, "1", "null", "[]"])
    func `a refused reply topic is not used`(topic: String) {
        let request = request(#""reply_to":\#(topic)"#, MessageProperties(responseTopic: "five"))
        #expect(request.failure != nil)
        #expect(request.header.replyTo == nil)
    }

    @Test(arguments: ["pm/h/control", "a/#", "$SYS/x"]) func `a bad response topic is not used either`(topic: String) {
        let properties = MessageProperties(responseTopic: topic)
        #expect(request(#""x":1"#, properties).failure?.code == .invalidArgument)
        for text in ["not json", "[]"] {
            #expect(Request(text, properties).failure != nil)
            #expect(Request(text, properties).header.replyTo == nil)
        }
    }

    @Test(arguments: [
        ("0", 0), ("1.5", 1.5), ("-1", -1), (#""1760000000.5""#, 1_760_000_000.5), (#""0""#, 0), (#""1e3""#, 1000),
        (#""-5""#, -5),
    ])
    func `a timestamp is a number, or a string that holds one`(text: String, seconds: Double) {
        #expect(request(#""timestamp":\#(text)"#).header.timestamp == seconds)
        #expect(request(#""timestamp":\#(text)"#).failure == nil)
    }

    @Test(arguments: [
        "null", "true", "[]", "{}", #""""#, #""now""#, #""1 ""#, #"" 1""#, #""1s""#, #""nan""#, #""inf""#, #""-inf""#,
        #""1e999""#,
        #""0x10""#, #""1_0""#, #""+1""#, #""-""#, #""2026-01-01T00:00:00Z""#, #""١""#, "1e999",
    ])
    func `any other timestamp is malformed`(text: String) {
        #expect(request(#""timestamp":\#(text)"#).failure?.code == .malformedRequest, "\(text)")
    }

    @Test func `an expired message is refused, but not one with a second left`() {
        #expect(request(#""x":1"#, MessageProperties(expiryInterval: 0)).failure == Failure(.expired, "expired"))
        #expect(request(#""x":1"#, MessageProperties(expiryInterval: 1)).failure == nil)
    }

    @Test(
        arguments: [
            (nil, true), ("application/json", true), ("b0::process_manager::Request", true), ("", false),
            ("text/plain", false),
            ("application/json; charset=utf-8", false), ("b0::process_manager::Response", false),
            ("Application/JSON", false),
        ] as [(String?, Bool)])
    func `two content types, or none, are accepted`(type: String?, isTaken: Bool) {
        let failure = request(#""x":1"#, MessageProperties(contentType: type)).failure
        #expect((failure == nil) == isTaken)
        #expect(isTaken || failure?.code == .malformedRequest)
    }

    @Test(arguments: ["host_name", "node_id"]) func `a host's name must be a string`(key: String) {
        #expect(request(#""\#(key)":1"#).failure == Failure(.malformedRequest, "\(key) must be a string"))
        #expect(request(#""\#(key)":null"#).failure == Failure(.malformedRequest, "\(key) must be a string"))
    }
}
