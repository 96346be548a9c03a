import JSONCodec
import Model
import Wire

/// Properties of all requests, to agents and to pm-cluster.
enum RequestFuzz {
    /// MQTT 5 properties, chosen by the first byte; the first line is the response topic.
    static func properties(_ input: inout ByteReader) -> MessageProperties {
        let choice = input.byte()
        var properties = MessageProperties()
        if choice & 1 != 0 { properties.responseTopic = input.line() }
        if choice & 2 != 0 { properties.contentType = "application/json" }
        if choice & 4 != 0 { properties.contentType = "text/plain" }
        if choice & 8 != 0 { properties.expiryInterval = UInt32(choice >> 6) }
        if choice & 16 != 0 { properties.correlationData = [0, choice] }
        return properties
    }

    static func check(_ header: RequestHeader, _ payload: [UInt8], isAccepted: Bool) throws(Violation) {
        let json = JSON.read(payload)
        if let reply = header.replyTo { try TopicFuzz.checkReply(reply.description, Array(reply.description.utf8)) }
        if let timestamp = header.timestamp { try hold(timestamp.isFinite, "a timestamp of \(timestamp)") }
        try hold((header.refusal == nil) || !isAccepted, "a request is accepted although its header refuses it")
        guard isAccepted else { return }
        let members = try need(json?.members, "a request that is not an object is accepted")
        let commands = [
            "method", "start_process", "stop_process", "query_process_status", "list_active_processes", "list_hosts",
        ]
        let count = members.count { commands.contains($0.key) }
        try hold(count == 1, "\(count) commands are accepted")
        try hold(json?["id"] == nil || header.id != nil, "the id is lost")
        try hold(json?["reply_to"] == nil || header.replyTo != nil, "the reply topic is lost")
    }

    /// - Parameter quotes: whether the answer is in the method dialect, which quotes the request.
    static func check(
        answer bytes: [UInt8], to header: RequestHeader, _ payload: [UInt8], quotes: Bool
    ) throws(Violation) {
        let answer = try need(
            JSON.read(bytes, nestingLimit: 63), "an answer is not JSON: \(String(decoding: bytes, as: UTF8.self))")
        try hold((answer["id"] == nil) == (header.id == nil), "an id is not echoed")
        guard let request = JSON.read(payload), payload.count <= Limits.payload else {
            return try hold(bytes.count < 16 << 10, "an answer of \(bytes.count) bytes to a malformed request")
        }
        if let id = request["id"], header.id != nil {
            try hold(answer["id"]?.isSame(as: id) == true, "another id is echoed")
        }
        if quotes, request.members != nil {
            try hold(answer["request"]?.isSame(as: request) == true, "the request is not quoted unchanged")
        }
    }

    /// Decoding an encoded spec gives an equal spec.
    static func check(_ spec: ProcessSpec) throws(Violation) {
        let config = spec.config
        let again: ProcessSpec
        do { again = try ProcessSpec(config: config) } catch {
            throw Violation(description: "\(config) is rejected: \(error.detail)")
        }
        try hold(again == spec, "\(config) is decoded differently")
        try hold(again.config.isSame(as: config), "\(config) is encoded differently the second time")
    }
}
