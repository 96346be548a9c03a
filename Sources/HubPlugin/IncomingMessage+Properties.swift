import CMosquittoPlugin
import Glibc
import Model

extension IncomingMessage {
    static var canReadProperties: Bool { pm_reads_properties() }

    /// What an answer needs of the MQTT 5 properties; all absent in MQTT 3.1.1.
    var properties: MessageProperties {
        guard let list = propertyList, pm_reads_properties() else { return MessageProperties() }
        return MessageProperties(
            contentType: Self.string(list, MQTT_PROP_CONTENT_TYPE),
            responseTopic: Self.string(list, MQTT_PROP_RESPONSE_TOPIC),
            correlationData: Self.binary(list, MQTT_PROP_CORRELATION_DATA),
            expiryInterval: Self.integer(list, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL))
    }

    /// The MQTT 5 Response Topic.
    var responseTopic: String? {
        guard let list = propertyList, pm_reads_properties() else { return nil }
        return Self.string(list, MQTT_PROP_RESPONSE_TOPIC)
    }

    private static func string(_ list: OpaquePointer, _ property: mqtt5_property) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        mosquitto_property_read_string(list, Int32(property.rawValue), &text, false)
        defer { free(text) }
        return text.map { String(cString: $0) }
    }

    private static func binary(_ list: OpaquePointer, _ property: mqtt5_property) -> [UInt8]? {
        var bytes: UnsafeMutableRawPointer?
        var count: UInt16 = 0
        guard mosquitto_property_read_binary(list, Int32(property.rawValue), &bytes, &count, false) != nil else {
            return nil
        }
        defer { free(bytes) }
        return bytes.map { Array(UnsafeRawBufferPointer(start: $0, count: Int(count))) } ?? []
    }

    private static func integer(_ list: OpaquePointer, _ property: mqtt5_property) -> UInt32? {
        var value: UInt32 = 0
        let found = mosquitto_property_read_int32(list, Int32(property.rawValue), &value, false)
        return found == nil ? nil : value
    }
}
