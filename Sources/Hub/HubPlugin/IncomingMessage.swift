import CMosquittoPlugin
import Glibc
import Model
import Routing

/// A message on one of pmqtt's topics that the broker is about to take, read and changed in place.
///
/// Valid within the callback only.
struct IncomingMessage {
    private let event: UnsafeMutablePointer<mosquitto_evt_message>
    private let topicBytes: UnsafeMutablePointer<CChar>
    let client: OpaquePointer
    let connection: ConnectionKey

    /// Nil for all that is not under `pm/`, which is all that other traffic costs.
    init?(_ event: UnsafeMutableRawPointer?) {
        guard let event = event?.assumingMemoryBound(to: mosquitto_evt_message.self),
            let topic = event.pointee.topic, strncmp(topic, CText.prefix, 3) == 0, let client = event.pointee.client
        else { return nil }
        self.event = event
        topicBytes = topic
        self.client = client
        connection = ConnectionKey(client)
    }

    var topic: String { String(cString: topicBytes) }

    var isHubControl: Bool { strcmp(topicBytes, CText.hubControl) == 0 }

    var isReply: Bool { strncmp(topicBytes, CText.replies, 9) == 0 }

    /// Whether the topic's last level is `control`, as every control topic's is.
    var endsInControl: Bool {
        let suffix = strrchr(topicBytes, Int32(UInt8(ascii: "/")))
        return suffix.map { strcmp($0, CText.controlLevel) == 0 } ?? false
    }

    var payload: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(
            start: event.pointee.payload?.assumingMemoryBound(to: UInt8.self), count: Int(event.pointee.payloadlen))
    }

    /// At most 1: the wire contract knows no QoS 2.
    var qos: Int32 { min(Int32(event.pointee.qos), 1) }

    var isRetained: Bool { event.pointee.retain }

    /// Nil when there are none, and in MQTT 3.1.1.
    var propertyList: OpaquePointer? { event.pointee.properties }

    /// Clears a retained message: the only retained message that a control topic takes.
    var clearsRetained: Bool { event.pointee.retain && event.pointee.payloadlen == 0 }

    func dropRetainFlag() { event.pointee.retain = false }

    /// Sends the message on to a host's control topic; the broker goes on with it as if it had been published there.
    func route(to host: HostName, _ ownership: TopicOwnership) {
        // Without memory it stays where it is.
        guard let topic = Self.controlTopic(of: host) else { return }
        if ownership == .plugin { mosquitto_free(topicBytes) }
        event.pointee.topic = topic
    }

    /// What `Topic.control(host)` prints, at once in the broker's memory: each request takes one.
    private static func controlTopic(of host: HostName) -> UnsafeMutablePointer<CChar>? {
        let name = host.description.utf8.span
        let prefix = strlen(CText.prefix)
        let suffix = strlen(CText.controlLevel) + 1
        guard let topic = mosquitto_malloc(prefix + name.count + suffix) else { return nil }
        memcpy(topic, CText.prefix, prefix)
        name.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { _ = memcpy(topic + prefix, start, bytes.count) }
        }
        memcpy(topic + prefix + name.count, CText.controlLevel, suffix)
        return topic.assumingMemoryBound(to: CChar.self)
    }

    /// Writes on it who has sent it, after all that the sender may have written there: the last word counts.
    ///
    /// - Returns: false when that could not be written. Then the sender's own word may be the last, and nobody may get it.
    func sign() -> Bool {
        let identifier = Int32(MQTT_PROP_USER_PROPERTY.rawValue)
        let signature = [
            (Requester.userProperty, AccessControl.user(of: client) ?? ""),
            (Requester.clientProperty, AccessControl.id(of: client)),
        ]
        return signature.allSatisfy { name, value in
            mosquitto_property_add_string_pair(&event.pointee.properties, identifier, name, value)
                == MOSQ_ERR_SUCCESS.rawValue
        }
    }

    /// Names the topic for the answer, unless the requester named one.
    func addResponseTopic(_ topic: String) {
        let identifier = Int32(MQTT_PROP_RESPONSE_TOPIC.rawValue)
        guard let properties = event.pointee.properties else {
            mosquitto_property_add_string(&event.pointee.properties, identifier, topic)
            return
        }
        // A second one would be a protocol error.
        guard pm_reads_properties(), mosquitto_property_read_string(properties, identifier, nil, false) == nil else {
            return
        }
        mosquitto_property_add_string(&event.pointee.properties, identifier, topic)
    }
}
