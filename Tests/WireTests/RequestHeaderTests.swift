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

    @Test(arguments: ["true", "[]", "{}", "9007199254740994", "-1e16", "1e999"])
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

    @Test(arguments: [#""a/+""#, #""""#, #""pm/h/control""#, #""$SYS/x""#, "1", "[]"])
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
        "true", "[]", "{}", #""""#, #""now""#, #""1 ""#, #"" 1""#, #""1s""#, #""nan""#, #""inf""#, #""-inf""#,
        #""1e999""#,
        #""0x10""#, #""1_0""#, #""+1""#, #""-""#, #""2026-01-01T00:00:00Z""#, #""١""#, "1e999",
    ])
    func `any other timestamp is malformed`(text: String) {
        #expect(request(#""timestamp":\#(text)"#).failure?.code == .malformedRequest, "\(text)")
    }

    @Test(arguments: [
        ("99999999999", 99_999_999_999), ("1795996800123", 1_795_996_800.123), (#""1795996800123""#, 1_795_996_800.123),
        ("1795996800123456", 1_795_996_800.123456), ("100000000000", 100_000_000), ("100000000000000", 100_000_000),
    ])
    func `a large timestamp is in milliseconds or microseconds`(text: String, seconds: Double) {
        #expect(request(#""timestamp":\#(text)"#).header.timestamp == seconds)
    }

    @Test func `a request may be as far from the clock as the limit`() {
        let now = Version.builtAfter + 1_000
        func expiry(_ timestamp: Double, now: Double = now, limit: Double = 60) -> Failure? {
            request(#""timestamp":\#(timestamp)"#).header.expiry(limit: limit, now: now)
        }
        #expect(expiry(now - 60) == nil)
        #expect(expiry(now + 60) == nil)
        let late = "expired: it was sent 61 s ago by the clock of this host, and at most 60 s are allowed"
        #expect(expiry(now - 61) == Failure(.expired, late, words: "expired", clock: now))
        let early = "expired: it was sent 61 s in the future by the clock of this host, and at most 60 s are allowed"
        #expect(expiry(now + 61) == Failure(.expired, early, words: "expired", clock: now))
        #expect(expiry(-1e300)?.code == .expired)
        #expect(expiry(0, limit: 0) == nil)
        // The host's clock is not set.
        #expect(expiry(now, now: 100) == nil)
    }

    @Test(arguments: ["id", "reply_to", "timestamp", "host_name", "node_id"])
    func `null is the same as no field`(field: String) {
        let request = request(#""\#(field)":null"#, MessageProperties(responseTopic: "five"))
        #expect(request.failure == nil)
        #expect(request.header.replyTo?.description == "five")
        #expect(request.header.id == nil && request.header.timestamp == nil && request.header.hostName == nil)
    }

    @Test func `a byte order mark before a request and NULs behind it are skipped, and not quoted`() {
        let text = #"{"method":"get_health","id":7}"#
        let request = Request("\u{FEFF}\(text)\0\r\n\0", MessageProperties())
        #expect(request.failure == nil)
        #expect(request.header.id == .number(7))
        let (answer, _) = Response.encode(.failed(Failure(.internal, "x")), to: request.header)
        #expect(String(decoding: answer, as: UTF8.self).contains(#""request":\#(text),"#))
        for text in ["\0\(text)", "\(text)\0x", "\u{FEFF}\u{FEFF}\(text)", "\u{FEFF}", "\0", ""] {
            #expect(Request(text, MessageProperties()).failure?.code == .malformedRequest, "\(text)")
        }
    }

    @Test func `an expired message is refused, but not one with a second left`() {
        #expect(request(#""x":1"#, MessageProperties(expiryInterval: 0)).failure == Failure(.expired, "expired"))
        #expect(request(#""x":1"#, MessageProperties(expiryInterval: 1)).failure == nil)
    }

    @Test(
        arguments: [
            (nil, true), ("application/json", true), ("b0::process_manager::Request", true), ("", false),
            ("text/plain", false),
            ("application/json; charset=utf-8", true), ("b0::process_manager::Response", false),
            ("Application/JSON;charset=utf-8", true), ("application/json5", false), (";", false),
        ] as [(String?, Bool)])
    func `JSON in any spelling, BlueZero's type, or none are accepted`(type: String?, isTaken: Bool) {
        let failure = request(#""x":1"#, MessageProperties(contentType: type)).failure
        #expect((failure == nil) == isTaken)
        #expect(isTaken || failure?.code == .malformedRequest)
    }

    @Test(arguments: ["host_name", "node_id"]) func `a host's name must be a string`(key: String) {
        #expect(request(#""\#(key)":1"#).failure == Failure(.malformedRequest, "\(key) must be a string"))
    }
}
