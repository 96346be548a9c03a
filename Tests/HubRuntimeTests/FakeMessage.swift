import Glibc
import HubRuntime
import Model
import Routing
import TestSupport

/// A message in memory of its own, as a client has published it and as the hub has changed it since.
final class FakeMessage: IncomingMessage {
    let connection: ConnectionKey
    let qos: Int32
    private let topicText: UnsafeMutablePointer<CChar>?
    private let payloadBytes: UnsafeMutableBufferPointer<UInt8>
    private(set) var topicNow: String
    private(set) var isRetained: Bool
    private(set) var mqtt5: Message.Properties
    /// Whether the broker has memory for further properties.
    var takesProperties = true

    init(
        _ topic: String, _ payload: String, from connection: ConnectionKey, qos: Int32 = 1, retain: Bool = false,
        properties: Message.Properties = .init()
    ) {
        self.connection = connection
        self.qos = qos
        topicText = strdup(topic)
        payloadBytes = .allocate(capacity: payload.utf8.count)
        _ = payloadBytes.initialize(from: payload.utf8)
        topicNow = topic
        isRetained = retain
        mqtt5 = properties
    }

    deinit {
        free(topicText)
        payloadBytes.deallocate()
    }

    var topicBytes: UnsafePointer<CChar> { topicText.map { UnsafePointer($0) } ?? CText.prefix }

    var payload: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(payloadBytes) }

    var properties: MessageProperties {
        MessageProperties(
            contentType: mqtt5.contentType, responseTopic: responseTopic, correlationData: mqtt5.correlationData,
            expiryInterval: mqtt5.expiryInterval)
    }

    var responseTopic: String? { mqtt5.responseTopic }

    var userProperties: UserProperties {
        mqtt5.user.reduce(into: UserProperties()) { if $0.excess == nil { $0.add($1[0], $1[1]) } }
    }

    func dropRetainFlag() { isRetained = false }

    func route(to host: HostName) { topicNow = "pm/\(host)/control" }

    func addUserProperty(_ name: String, _ value: String) -> Bool {
        if takesProperties { mqtt5.user.append([name, value]) }
        return takesProperties
    }

    func addResponseTopic(_ topic: String) { mqtt5.responseTopic = mqtt5.responseTopic ?? topic }
}
