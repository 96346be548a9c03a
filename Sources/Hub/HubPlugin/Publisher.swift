import CMosquittoPlugin
import Wire

/// Publishes the hub's own messages.
///
/// The broker delivers them like any other message: subscribers' read ACLs apply. They cause no MESSAGE event.
enum Publisher {
    /// Queues a message, which the broker delivers in its next loop iteration. Without memory it is not sent.
    static func publish(
        _ topic: String, _ payload: [UInt8], qos: Int32, isRetained: Bool = false, contentType: ContentType? = nil,
        correlationData: [UInt8]? = nil
    ) {
        guard !payload.isEmpty, let count = Int32(exactly: payload.count), let copy = mosquitto_malloc(payload.count)
        else { return }
        payload.withUnsafeBytes { copy.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(copy), byteCount: $0.count) }
        var properties = list(contentType, correlationData)
        // A client id instead of nil would deliver the message to that client regardless of its read ACL.
        let code = mosquitto_broker_publish(nil, topic, count, copy, qos, isRetained, properties)
        guard code == MOSQ_ERR_SUCCESS.rawValue else {
            // The broker owns payload and properties only if it accepted the message.
            mosquitto_free(copy)
            mosquitto_property_free_all(&properties)
            return
        }
    }

    private static func list(_ contentType: ContentType?, _ correlationData: [UInt8]?) -> OpaquePointer? {
        var list: OpaquePointer?
        if let contentType {
            mosquitto_property_add_string(&list, Int32(MQTT_PROP_CONTENT_TYPE.rawValue), contentType.rawValue)
        }
        if let data = correlationData, let count = UInt16(exactly: data.count) {
            mosquitto_property_add_binary(&list, Int32(MQTT_PROP_CORRELATION_DATA.rawValue), data, count)
        }
        return list
    }
}
