import CMosquittoPlugin
import Wire

/// What the hub itself says.
///
/// An ordinary fan-out inside the broker: subscribers' read ACLs hold, and it makes no MESSAGE event.
enum Publisher {
    /// Queues a message, which the broker hands out in its next turn. Without memory it is not sent.
    static func publish(
        _ topic: String, _ payload: [UInt8], qos: Int32, isRetained: Bool = false, contentType: ContentType? = nil,
        correlationData: [UInt8]? = nil
    ) {
        guard !payload.isEmpty, let count = Int32(exactly: payload.count), let copy = mosquitto_malloc(payload.count)
        else { return }
        payload.withUnsafeBytes { copy.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(copy), byteCount: $0.count) }
        var properties = list(contentType, correlationData)
        // With a client's id instead of nil it would go to that client past its read ACL.
        let code = mosquitto_broker_publish(nil, topic, count, copy, qos, isRetained, properties)
        guard code == MOSQ_ERR_SUCCESS.rawValue else {
            // The broker owns both once it has taken the message, and only then.
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
