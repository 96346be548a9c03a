import CMosquitto
import func Glibc.free
import Model

extension MessageProperties {
    /// These properties as libmosquitto's list, which the caller must free; nil if there are none.
    func makeList() -> OpaquePointer? {
        var list: OpaquePointer?
        if let contentType {
            mosquitto_property_add_string(&list, Int32(MQTT_PROP_CONTENT_TYPE.rawValue), contentType)
        }
        if let responseTopic {
            mosquitto_property_add_string(&list, Int32(MQTT_PROP_RESPONSE_TOPIC.rawValue), responseTopic)
        }
        if let correlationData {
            mosquitto_property_add_binary(
                &list, Int32(MQTT_PROP_CORRELATION_DATA.rawValue), correlationData,
                UInt16(clamping: correlationData.count))
        }
        if let expiryInterval {
            mosquitto_property_add_int32(&list, Int32(MQTT_PROP_MESSAGE_EXPIRY_INTERVAL.rawValue), expiryInterval)
        }
        return list
    }

    init(_ list: OpaquePointer) {
        var expiry: UInt32 = 0
        let expiryProperty = Int32(MQTT_PROP_MESSAGE_EXPIRY_INTERVAL.rawValue)
        let hasExpiry = mosquitto_property_read_int32(list, expiryProperty, &expiry, false) != nil
        self.init(
            contentType: Self.string(list, MQTT_PROP_CONTENT_TYPE),
            responseTopic: Self.string(list, MQTT_PROP_RESPONSE_TOPIC),
            correlationData: Self.binary(list, MQTT_PROP_CORRELATION_DATA), expiryInterval: hasExpiry ? expiry : nil)
        readUserProperties(list)
    }

    /// Counts the user properties, up to the first one beyond the limit, and finds those that name the requester.
    private mutating func readUserProperties(_ list: OpaquePointer) {
        var (latestUser, latestClient): (String?, String?)
        var next: OpaquePointer? = list
        var isFirst = true
        while user.excess == nil {
            var (name, value): (UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<CChar>?)
            let identifier = Int32(MQTT_PROP_USER_PROPERTY.rawValue)
            guard let found = mosquitto_property_read_string_pair(next, identifier, &name, &value, !isFirst) else {
                break
            }
            defer {
                free(name)
                free(value)
            }
            (next, isFirst) = (found, false)
            guard let name = name.map({ String(cString: $0) }), let value = value.map({ String(cString: $0) }) else {
                break
            }
            user.add(name, value)
            if name == Requester.userProperty { latestUser = value }
            if name == Requester.clientProperty { latestClient = value }
        }
        guard user.excess == nil, let latestClient else { return }
        requester = Requester(user: latestUser.flatMap { $0.isEmpty ? nil : $0 }, client: latestClient)
    }

    private static func string(_ list: OpaquePointer, _ property: mqtt5_property) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard mosquitto_property_read_string(list, Int32(property.rawValue), &value, false) != nil, let value else {
            return nil
        }
        defer { free(value) }
        return String(cString: value)
    }

    private static func binary(_ list: OpaquePointer, _ property: mqtt5_property) -> [UInt8]? {
        var value: UnsafeMutableRawPointer?
        var count: UInt16 = 0
        guard mosquitto_property_read_binary(list, Int32(property.rawValue), &value, &count, false) != nil else {
            return nil
        }
        defer { free(value) }
        return [UInt8](UnsafeRawBufferPointer(start: value, count: Int(count)))
    }
}

extension Message {
    init(_ message: mosquitto_message, _ properties: OpaquePointer?) {
        self.init(
            topic: message.topic.map { String(cString: $0) } ?? "",
            payload: [UInt8](UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen))),
            qos: min(message.qos, 1), isRetained: message.retain,
            properties: properties.map(MessageProperties.init) ?? MessageProperties())
    }
}
