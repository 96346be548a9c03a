import Glibc
package import Model
package import Routing
import Wire

/// A message on a topic below `pm/` that the broker is about to process. It is read and changed in place.
///
/// ``Hub`` gets one for each PUBLISH of a client, and must not keep it: its pointers are the broker's, and valid only
/// during the call. What is optional or empty is also so for MQTT 3.1.1, and when the broker hides properties.
package protocol IncomingMessage {
    /// The connection that sent it.
    var connection: ConnectionKey { get }
    /// Ends in a zero byte.
    var topicBytes: UnsafePointer<CChar> { get }
    var payload: UnsafeBufferPointer<UInt8> { get }
    /// At most 1: pmqtt does not use QoS 2.
    var qos: Int32 { get }
    var isRetained: Bool { get }
    /// The MQTT 5 properties that answers need.
    var properties: MessageProperties { get }
    /// The MQTT 5 Response Topic.
    var responseTopic: String? { get }
    /// Counted until a limit is exceeded.
    var userProperties: UserProperties { get }

    func dropRetainFlag()

    /// Gives the message the topic of a host's requests. Without memory, it keeps its topic.
    func route(to host: HostName)

    /// Adds a user property after all others; the last one of each name counts.
    ///
    /// - Returns: false when it could not be added.
    func addUserProperty(_ name: String, _ value: String) -> Bool

    /// Adds a response topic unless the requester set one.
    func addResponseTopic(_ topic: String)
}

extension IncomingMessage {
    var topic: String { String(cString: topicBytes) }

    var isHubControl: Bool { strcmp(topicBytes, CText.hubControl) == 0 }

    var isReply: Bool { strncmp(topicBytes, CText.replies, 9) == 0 }

    /// Whether the last topic level is that of requests: `control` or `watch`.
    var isForRequests: Bool {
        guard let suffix = strrchr(topicBytes, Int32(UInt8(ascii: "/"))) else { return false }
        return strcmp(suffix, CText.controlLevel) == 0 || strcmp(suffix, CText.watchLevel) == 0
    }

    /// Whether it clears a retained message. No other retained message is accepted on a control topic.
    var clearsRetained: Bool { isRetained && payload.isEmpty }

    /// Why the message is refused at once: it has more user properties than any message of pmqtt, or it is a request
    /// that exceeds the packet size of an agent's connection.
    var excess: Failure? {
        let user = userProperties
        if let excess = user.excess { return excess }
        guard isForRequests, payload.count + user.bytes > Limits.forwardedRequest else { return nil }
        return Failure(.malformedRequest, "malformed request: larger than \(Limits.payload) bytes")
    }

    /// The topics on which the message may be answered: the MQTT 5 Response Topic and `reply_to`. Both are checked,
    /// because the recipient decides which one it uses. Invalid topics are omitted: no daemon answers on them.
    var replyTopics: [ReplyTopic] {
        [responseTopic.flatMap { try? ReplyTopic($0) }, ReplyTopic.named(in: payload.span)].compactMap(\.self)
    }
}
