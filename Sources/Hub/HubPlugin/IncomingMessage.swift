import CMosquittoPlugin
import Glibc
import Model
import Routing

/// A message on a topic of pmqtt that the broker is about to process. It is read and changed in place.
///
/// ``Hub`` gets one per MESSAGE event and asks it for topic, payload and properties. `IncomingMessage+Properties` and
/// `IncomingMessage+ReplyTopics` read the MQTT 5 properties.
///
/// It is valid within the callback only, as its pointers are the broker's.
struct IncomingMessage {
    private let event: UnsafeMutablePointer<mosquitto_evt_message>
    private let topicBytes: UnsafeMutablePointer<CChar>
    let client: OpaquePointer
    let connection: ConnectionKey

    /// Nil for messages outside `pm/`: this check is the only cost for other traffic.
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

    /// Whether the last topic level is `control`, as in every control topic.
    var endsInControl: Bool {
        let suffix = strrchr(topicBytes, Int32(UInt8(ascii: "/")))
        return suffix.map { strcmp($0, CText.controlLevel) == 0 } ?? false
    }

    var payload: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(
            start: event.pointee.payload?.assumingMemoryBound(to: UInt8.self), count: Int(event.pointee.payloadlen))
    }

    /// At most 1: pmqtt does not use QoS 2.
    var qos: Int32 { min(Int32(event.pointee.qos), 1) }

    var isRetained: Bool { event.pointee.retain }

    /// Nil when there are no properties, and in MQTT 3.1.1.
    var propertyList: OpaquePointer? { event.pointee.properties }

    /// Whether it clears a retained message. No other retained message is accepted on a control topic.
    var clearsRetained: Bool { event.pointee.retain && event.pointee.payloadlen == 0 }

    func dropRetainFlag() { event.pointee.retain = false }

    /// Routes the message to a host's control topic. The broker then processes it as if it had been published there.
    func route(to host: HostName, _ ownership: TopicOwnership) {
        // Without memory, the message keeps its topic.
        guard let topic = Self.controlTopic(of: host) else { return }
        if ownership == .plugin { mosquitto_free(topicBytes) }
        event.pointee.topic = topic
    }

    /// Same text as `Topic.control(host)`, allocated by the broker's allocator, as it is needed for each request.
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

    /// Adds user name and client id of the sender as user properties. They follow all properties that the sender set;
    /// the last one of each name counts.
    ///
    /// - Returns: false when a property could not be added. The message must then be refused, as the sender's own
    ///   property may be the last one.
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

    /// Adds a response topic unless the requester set one.
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
