import CMosquittoPlugin
import Glibc
import HubRuntime
import Model
import Routing
import Wire

/// The broker into whose process the plugin is loaded.
struct Mosquitto: BrokerAPI {
    var canReadProperties: Bool { pm_reads_properties() }

    /// Mosquitto's dynamic-security is a library in this process. It may be loaded after the hub, but before the first
    /// message.
    var hasOtherAccessControl: Bool { Self.hasDynamicSecurity }

    private static let hasDynamicSecurity: Bool = {
        let libraries = FileText.bytes(of: "/proc/self/maps", limit: 4 << 20) ?? []
        return String(decoding: libraries, as: UTF8.self).utf8.firstRange(of: "dynamic_security".utf8) != nil
    }()

    /// The broker delivers the message in its next loop iteration, like any other one.
    func publish(_ message: OutgoingMessage) {
        let payload = message.payload
        // One byte more: without a payload, some allocators return no memory.
        guard let count = Int32(exactly: payload.count), let copy = mosquitto_malloc(payload.count + 1) else { return }
        payload.withUnsafeBytes { copy.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(copy), byteCount: $0.count) }
        var properties = Self.properties(of: message)
        // A client id instead of nil would deliver the message to that client regardless of its read ACL.
        let code = mosquitto_broker_publish(
            nil, message.topic, count, copy, message.qos, message.isRetained, properties)
        guard code == MOSQ_ERR_SUCCESS.rawValue else {
            // The broker owns payload and properties only if it accepted the message.
            mosquitto_free(copy)
            mosquitto_property_free_all(&properties)
            return
        }
    }

    private static func properties(of message: OutgoingMessage) -> OpaquePointer? {
        var list: OpaquePointer?
        if let contentType = message.contentType {
            mosquitto_property_add_string(&list, Int32(MQTT_PROP_CONTENT_TYPE.rawValue), contentType.rawValue)
        }
        if let data = message.correlationData, let count = UInt16(exactly: data.count) {
            mosquitto_property_add_binary(&list, Int32(MQTT_PROP_CORRELATION_DATA.rawValue), data, count)
        }
        return list
    }

    func log(_ level: LogLevel, _ text: String) {
        let code =
            switch level {
            // The broker's least important level that it logs by default.
            case .info, .debug: MOSQ_LOG_NOTICE
            case .warning: MOSQ_LOG_WARNING
            case .error: MOSQ_LOG_ERR
            }
        pm_broker_log(code, text.inOneLine)
    }

    func user(of connection: ConnectionKey) -> String? {
        mosquitto_client_username(connection.client).map { String(cString: $0) }
    }

    func clientID(of connection: ConnectionKey) -> String {
        mosquitto_client_id(connection.client).map { String(cString: $0) } ?? ""
    }

    var wallTime: Double { (Self.now(CLOCK_REALTIME) * 1000).rounded() / 1000 }

    /// The coarse clock is the cheapest.
    var steadyTime: Double { Self.now(CLOCK_MONOTONIC_COARSE) }

    private static func now(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    func trimMemory() { malloc_trim(0) }
}
