import CMosquittoPlugin
import Glibc
import HubRuntime
import Model
import Routing

/// The message of a MESSAGE event. `MosquittoMessage+Properties` reads its MQTT 5 properties.
///
/// It has the size of three pointers, so that it needs no memory of its own as an ``IncomingMessage``.
struct MosquittoMessage: IncomingMessage {
    private let event: UnsafeMutablePointer<mosquitto_evt_message>
    /// The topic of the event, until the message is routed.
    private let givenTopic: UnsafeMutablePointer<CChar>
    let connection: ConnectionKey

    private static let topicOwnership = TopicOwnership.detect()

    /// Nil for messages outside `pm/`: this check is the only cost for other traffic.
    init?(_ event: UnsafeMutableRawPointer?) {
        guard let event = event?.assumingMemoryBound(to: mosquitto_evt_message.self),
            let topic = event.pointee.topic, strncmp(topic, CText.prefix, 3) == 0, let client = event.pointee.client
        else { return nil }
        self.event = event
        givenTopic = topic
        connection = ConnectionKey(client)
    }

    var topicBytes: UnsafePointer<CChar> { UnsafePointer(givenTopic) }

    var payload: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(
            start: event.pointee.payload?.assumingMemoryBound(to: UInt8.self), count: Int(event.pointee.payloadlen))
    }

    var qos: Int32 { min(Int32(event.pointee.qos), 1) }

    var isRetained: Bool { event.pointee.retain }

    /// Nil when there are no properties, and in MQTT 3.1.1.
    var propertyList: OpaquePointer? { event.pointee.properties }

    func dropRetainFlag() { event.pointee.retain = false }

    /// The broker then processes the message as if it had been published there.
    func route(to host: HostName) {
        guard let topic = Self.controlTopic(of: host) else { return }
        if Self.topicOwnership == .plugin { mosquitto_free(givenTopic) }
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

    func addUserProperty(_ name: String, _ value: String) -> Bool {
        let identifier = Int32(MQTT_PROP_USER_PROPERTY.rawValue)
        return mosquitto_property_add_string_pair(&event.pointee.properties, identifier, name, value)
            == MOSQ_ERR_SUCCESS.rawValue
    }

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
