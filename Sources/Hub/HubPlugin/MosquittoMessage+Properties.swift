import CMosquittoPlugin
import Glibc
import Model

extension MosquittoMessage {
    var properties: MessageProperties {
        guard let list = propertyList, pm_reads_properties() else { return MessageProperties() }
        return MessageProperties(
            contentType: Self.string(list, MQTT_PROP_CONTENT_TYPE),
            responseTopic: Self.string(list, MQTT_PROP_RESPONSE_TOPIC),
            correlationData: Self.binary(list, MQTT_PROP_CORRELATION_DATA),
            expiryInterval: Self.integer(list, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL))
    }

    var responseTopic: String? {
        guard let list = propertyList, pm_reads_properties() else { return nil }
        return Self.string(list, MQTT_PROP_RESPONSE_TOPIC)
    }

    var userProperties: UserProperties {
        var result = UserProperties()
        guard var next = propertyList, pm_reads_properties() else { return result }
        let identifier = Int32(MQTT_PROP_USER_PROPERTY.rawValue)
        var isFirst = true
        while result.excess == nil {
            var (name, value): (UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<CChar>?)
            guard let found = mosquitto_property_read_string_pair(next, identifier, &name, &value, !isFirst) else {
                break
            }
            defer {
                free(name)
                free(value)
            }
            (next, isFirst) = (found, false)
            guard let name, let value else { break }
            result.add(String(cString: name), String(cString: value))
        }
        return result
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
