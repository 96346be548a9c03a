package import JSONCodec
package import Model

/// Everything in a request except its command: what is needed to answer it, even if it is invalid.
///
/// Agents, pm-cluster and the hub create one for each message on a control topic. A header always exists, also for a
/// malformed request; ``refusal`` then has the reason.
package struct RequestHeader: Sendable {
    package private(set) var dialect = Dialect.undetermined
    package private(set) var id: RequestID?
    /// Where a copy of the answer is sent: `reply_to`, otherwise the MQTT 5 Response Topic.
    package private(set) var replyTo: ReplyTopic?
    package let correlationData: [UInt8]?
    package let requester: Requester?
    /// The host that is named in the request; the hub routes the request there.
    package private(set) var hostName: String?
    package private(set) var nodeID: String?
    /// Seconds since the epoch; they were sent as seconds, milliseconds or microseconds.
    package private(set) var timestamp: Double?
    /// The fields of the request's configs that are no fields of a config.
    private(set) var ignoredFields: [String] = []
    /// The quotation of the request for the method dialect's answer.
    var echo: Echo
    /// Why the request must not be carried out, if the header already tells.
    package private(set) var refusal: Failure?

    /// Parses as much of a request as possible; the first error becomes its ``refusal``.
    ///
    /// - Returns: the header, and the parsed request unless it is malformed.
    package static func parse(_ payload: Span<UInt8>, properties: MessageProperties) -> (RequestHeader, JSON?) {
        let content = payload.extracting(JSON.content(of: payload))
        do {
            let json = try JSON.parse(content, sizeLimit: Limits.payload, nestingLimit: Limits.nesting)
            var header = RequestHeader(echo: Echo(.raw(text(content)), content.count), properties: properties)
            header.read(json, properties: properties)
            return (header, json)
        } catch {
            let quoted = payload.extracting(first: Limits.echo)
            var header = RequestHeader(
                echo: Echo(.string(text(quoted).filter { $0 != "\0" }), quoted.count), properties: properties)
            header.hostName = hostName(inMalformed: payload)
            header.refusal = Failure(.malformedRequest, "malformed request: \(error.description)")
            header.readReplyTopic(nil, properties: properties)
            return (header, nil)
        }
    }

    /// The host name in a malformed request, as the hub found it: the answer must show it for requesters that use the
    /// hub.
    private static func hostName(inMalformed payload: Span<UInt8>) -> String? {
        let match = TopLevelScan.string("host_name", or: "node_id", in: payload, nestingLimit: Limits.nesting)
        guard case .first(let range) = match else { return nil }
        return text(payload.extracting(range))
    }

    private init(echo: Echo, properties: MessageProperties) {
        self.echo = echo
        let correlationData = properties.correlationData
        let isTooLong = correlationData?.count ?? 0 > Limits.correlationData
        self.correlationData = isTooLong ? nil : correlationData
        if isTooLong {
            refusal = Failure(.malformedRequest, "correlation data is longer than \(Limits.correlationData) bytes")
        }
        if let excess = properties.user.excess { refusal = excess }
        requester = properties.requester
    }

    private mutating func read(_ json: JSON, properties: MessageProperties) {
        guard json.members != nil else {
            readReplyTopic(nil, properties: properties)
            return refuse(Failure(.malformedRequest, "malformed request: not an object"))
        }
        dialect = Dialect(of: json)
        ignoredFields = ProcessSpec.ignoredFields(ofRequest: json)
        hostName = json["host_name"]?.string
        nodeID = json["node_id"]?.string
        if let id = json.optional("id") { attempt { (self) throws(Failure) in self.id = try RequestID(id) } }
        readReplyTopic(json.optional("reply_to"), properties: properties)
        readTimestamp(json.optional("timestamp"))
        for key in ["host_name", "node_id"] {
            if let name = json.optional(key), name.string == nil {
                refuse(Failure(.malformedRequest, "\(key) must be a string"))
            }
        }
        if !ContentType.isAccepted(properties.contentType) {
            refuse(ContentType.refusal)
        }
        if properties.expiryInterval == 0 { refuse(Failure(.expired, "expired")) }
    }

    private mutating func readReplyTopic(_ json: JSON?, properties: MessageProperties) {
        guard let topic = json.map(\.string) ?? properties.responseTopic else {
            if json != nil { refuse(Failure(.malformedRequest, "reply_to must be a string")) }
            return
        }
        attempt { (self) throws(Failure) in self.replyTo = try ReplyTopic(topic) }
    }

    private mutating func readTimestamp(_ json: JSON?) {
        switch json {
        case nil: break
        case .number(let number) where number.isFinite: timestamp = Self.seconds(number)
        case .string(let text):
            // The string must be a JSON number: no plus sign, no hexadecimal digits, no words.
            guard text.utf8.first != UInt8(ascii: "+"), text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }),
                let number = Double(text), number.isFinite
            else { fallthrough }
            timestamp = Self.seconds(number)
        default: refuse(Failure(.malformedRequest, "timestamp must be a number of seconds"))
        }
    }

    /// Large numbers are milliseconds, as from JavaScript's `Date.now()`, or microseconds: as seconds they would be
    /// after the year 5000.
    private static func seconds(_ number: Double) -> Double {
        number >= 1e14 ? number / 1e6 : number >= 1e11 ? number / 1e3 : number
    }

    private mutating func attempt(_ step: (inout RequestHeader) throws(Failure) -> Void) {
        do { try step(&self) } catch { refuse(error) }
    }

    private mutating func refuse(_ failure: Failure) { refusal = refusal ?? failure }

    private static func text(_ bytes: Span<UInt8>) -> String {
        bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
