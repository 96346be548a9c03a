import CMosquitto
import Glibc

extension Message.Properties {
    /// Calls `body` with the properties as libmosquitto's list, which is freed afterwards; nil if there are none.
    func withList<Result>(_ body: (OpaquePointer?) -> Result) -> Result {
        var list: OpaquePointer?
        defer { mosquitto_property_free_all(&list) }
        if let contentType { mosquitto_property_add_string(&list, MQTT_PROP_CONTENT_TYPE.code, contentType) }
        if let responseTopic { mosquitto_property_add_string(&list, MQTT_PROP_RESPONSE_TOPIC.code, responseTopic) }
        if let data = correlationData {
            mosquitto_property_add_binary(&list, MQTT_PROP_CORRELATION_DATA.code, data, UInt16(data.count))
        }
        if let expiryInterval {
            mosquitto_property_add_int32(&list, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL.code, expiryInterval)
        }
        for pair in user {
            mosquitto_property_add_string_pair(&list, MQTT_PROP_USER_PROPERTY.code, pair[0], pair[1])
        }
        return body(list)
    }

    init(list: OpaquePointer?) {
        contentType = Self.string(list, MQTT_PROP_CONTENT_TYPE)
        responseTopic = Self.string(list, MQTT_PROP_RESPONSE_TOPIC)
        var bytes: UnsafeMutableRawPointer?
        var count: UInt16 = 0
        if mosquitto_property_read_binary(list, MQTT_PROP_CORRELATION_DATA.code, &bytes, &count, false) != nil {
            correlationData = Array(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            free(bytes)
        }
        var seconds: UInt32 = 0
        if mosquitto_property_read_int32(list, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL.code, &seconds, false) != nil {
            expiryInterval = seconds
        }
        var next = list
        while let property = next {
            var name: UnsafeMutablePointer<CChar>?
            var value: UnsafeMutablePointer<CChar>?
            let isPair = mosquitto_property_identifier(property) == MQTT_PROP_USER_PROPERTY.code
            if isPair,
                mosquitto_property_read_string_pair(property, MQTT_PROP_USER_PROPERTY.code, &name, &value, false)
                    != nil,
                let name, let value
            {
                user.append([String(cString: name), String(cString: value)])
                free(name)
                free(value)
            }
            next = mosquitto_property_next(property)
        }
    }

    private static func string(_ list: OpaquePointer?, _ property: mqtt5_property) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard mosquitto_property_read_string(list, property.code, &text, false) != nil, let text else { return nil }
        defer { free(text) }
        return String(cString: text)
    }
}

extension mqtt5_property {
    fileprivate var code: Int32 { Int32(rawValue) }
}
