import CMosquitto
import var Glibc.ECONNREFUSED
import var Glibc.ECONNRESET
import var Glibc.EPROTO
import var Glibc.errno
import LinuxSystem
import Model

/// Wraps libmosquitto: its calls and callbacks as Swift values. No C type is in its interface.
///
/// libmosquitto calls back with a lock held, so a callback only records an ``Event``. After each call, the caller takes
/// the events by ``takeEvents()``. libmosquitto keeps unacknowledged messages of QoS 1 over a reconnect and sends them
/// again.
///
/// One thread at a time uses a client: that of a ``ConnectPreparation``, else the loop of its ``Session``.
final class MosquittoClient {
    enum Event {
        case connected
        /// The broker refused the connection: its reason, and whether it does not support the protocol version.
        case refused(String, isVersion: Bool)
        case message(Message)
        /// QoS 0: written. QoS 1: acknowledged, or refused with the broker's reason, which only MQTT 5 has.
        case published(Int32, refusal: String?)
        case subscriptionRefused
        case disconnected(String)
    }

    let mosquitto: OpaquePointer
    private var events: [Event] = []
    private(set) var version = ProtocolChoice.Version.v5
    let tls: TLSContext?
    /// What connects to the broker in place of libmosquitto.
    var relay: Relay?
    let address: BrokerAddress
    private let packetLimit: Int?
    private var keepAlive = 0
    /// Whether the broker has answered CONNECT on this connection.
    private var hasAnswer = false
    /// The error of a connect, if a call of the library has taken it.
    private var takenError: Int32 = 0
    /// The size of the largest packet that the broker takes, as it says in CONNACK; nil: no limit.
    private(set) var brokerPacketLimit: Int?

    private static let library: Void = { _ = mosquitto_lib_init() }()

    /// Nil only if memory has run out.
    init?(clientID: String, to address: BrokerAddress, packetLimit: Int?) {
        Self.library
        var tls: TLSContext?
        if let files = address.tls, !address.needsRelay, case .tcp(let host, _) = address.endpoint {
            tls = TLSContext(host: files.serverName ?? host, files: files)
            // Fails rather than connect without encryption.
            guard tls != nil else { return nil }
        }
        guard let mosquitto = mosquitto_new(clientID, true, nil) else { return nil }
        self.mosquitto = mosquitto
        self.tls = tls
        self.address = address
        self.packetLimit = packetLimit
        if let tls {
            mosquitto_void_option(mosquitto, MOSQ_OPT_SSL_CTX, tls.context)
            mosquitto_int_option(mosquitto, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0)
        }
        mosquitto_user_data_set(mosquitto, Unmanaged.passUnretained(self).toOpaque())
        // Nagle's algorithm and delayed acknowledgements together cost 40 ms a request.
        mosquitto_int_option(mosquitto, MOSQ_OPT_TCP_NODELAY, 1)
        setCallbacks()
    }

    deinit { mosquitto_destroy(mosquitto) }

    func takeEvents() -> [Event] {
        let taken = events
        events.removeAll(keepingCapacity: true)
        return taken
    }

    // MARK: Calls

    func setWill(_ will: Message) {
        mosquitto_will_set(
            mosquitto, will.topic, Int32(clamping: will.payload.count), will.payload, will.qos, will.isRetained)
    }

    func setVersion(_ version: ProtocolChoice.Version) {
        self.version = version
        let number = version == .v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311
        mosquitto_int_option(mosquitto, MOSQ_OPT_PROTOCOL_VERSION, number)
    }

    /// Begins to connect to one of the prepared addresses, and sends CONNECT. It does not wait: the socket becomes
    /// writable when it is connected, or has failed.
    ///
    /// libmosquitto documents mosquitto_connect_bind_async for use with its own thread. It works as well with the loop
    /// of another program that waits for the connection (`lib/connect.c`, `lib/net_mosq.c`, 2.0.11).
    ///
    /// - Parameter keepAlive: seconds.
    /// - Returns: nil, or the reason of the failure.
    func connect(to address: String, keepAlive: Int) -> String? {
        self.keepAlive = keepAlive
        hasAnswer = false
        setProperties()
        // libmosquitto takes the address for a path if the port is 0.
        var port: Int32 = 0
        if case .tcp(_, let number) = self.address.endpoint, relay == nil { port = Int32(number) }
        defer { relay?.removePath() }
        errno = 0
        let result = mosquitto_connect_bind_async(mosquitto, address, port, Int32(keepAlive), nil)
        // With TLS, libmosquitto begins the handshake at once, and so takes the error of a connect that was refused.
        takenError = [ECONNREFUSED, ECONNRESET].contains(errno) ? errno : 0
        return result == MOSQ_ERR_SUCCESS.rawValue ? nil : reason(result)
    }

    /// Sets the properties of CONNECT. Only mosquitto_connect_bind_v5 takes them; it keeps them although it refuses the
    /// port (`lib/connect.c`).
    private func setProperties() {
        var properties: OpaquePointer?
        if version == .v5, let packetLimit {
            let identifier = Int32(MQTT_PROP_MAXIMUM_PACKET_SIZE.rawValue)
            mosquitto_property_add_int32(&properties, identifier, UInt32(clamping: packetLimit))
        }
        mosquitto_connect_bind_v5(mosquitto, "", -1, 0, nil, properties)
        mosquitto_property_free_all(&properties)
    }

    /// Nil if there is no connection.
    var socket: Int32? {
        let number = mosquitto_socket(mosquitto)
        return number >= 0 ? number : nil
    }

    var wantsToWrite: Bool { mosquitto_want_write(mosquitto) }

    func read() { mosquitto_loop_read(mosquitto, 1) }
    func write() { mosquitto_loop_write(mosquitto, 1) }

    /// The reason to give for a lost socket if no event has given one.
    var silentLoss: String { reason(MOSQ_ERR_CONN_LOST.rawValue) }

    /// Whether the connection that has just become possible could be made (SO_ERROR of socket(7)).
    ///
    /// - Returns: the reason if not.
    func connectFailure() -> String? {
        guard let socket else { return silentLoss }
        guard let failure = Descriptor.connectFailure(ofSocket: socket, taken: takenError) else { return nil }
        // A refused connection is ECONNREFUSED: a reset one was made, and ended before its first packet was read.
        guard failure.number == ECONNRESET else { return failure.reason }
        return tls.map { $0.failure ?? $0.silentEnd } ?? Self.noAnswer
    }

    /// Keep-alive: to be called at least once in half a keep-alive interval.
    func tick() { mosquitto_loop_misc(mosquitto) }

    /// - Parameter noLocal: don't deliver what this client published itself (MQTT 5 section 3.8.3.1).
    func subscribe(_ filter: String, qos: Int32, noLocal: Bool) {
        let options = noLocal && version == .v5 ? Int32(bitPattern: MQTT_SUB_OPT_NO_LOCAL.rawValue) : 0
        mosquitto_subscribe_v5(mosquitto, nil, filter, qos, options, nil)
    }

    func unsubscribe(_ filter: String) { mosquitto_unsubscribe(mosquitto, nil, filter) }

    enum PublishResult {
        /// libmosquitto has the message; the value is the packet id.
        case taken(Int32)
        /// The connection has just broken.
        case notConnected
        /// The message can't be sent, for example because it is too large for this broker or its topic is invalid.
        case refused
    }

    func publish(_ message: Message) -> PublishResult {
        var properties: OpaquePointer?
        if version == .v5 { properties = message.properties.makeList() }
        defer { mosquitto_property_free_all(&properties) }
        var id: Int32 = 0
        let result = mosquitto_publish_v5(
            mosquitto, &id, message.topic, Int32(clamping: message.payload.count), message.payload, message.qos,
            message.isRetained, properties)
        switch mosq_err_t(rawValue: result) {
        case MOSQ_ERR_SUCCESS: return .taken(id)
        // At QoS 1 libmosquitto keeps the message and sends it after the next connect.
        case MOSQ_ERR_NO_CONN, MOSQ_ERR_CONN_LOST, MOSQ_ERR_ERRNO:
            return message.qos > 0 ? .taken(id) : .notConnected
        default: return .refused
        }
    }

    /// Sends DISCONNECT, which makes the broker drop the will.
    func disconnect() { mosquitto_disconnect(mosquitto) }

    /// Ends the connection so that the broker publishes the will: DISCONNECT with reason 0x04 (MQTT 5 section
    /// 3.14.2.1). MQTT 3.1.1 has no such reason; there the next connect breaks this connection, which publishes the
    /// will, too.
    func leave() {
        if version == .v5 { mosquitto_disconnect_v5(mosquitto, Int32(MQTT_RC_DISCONNECT_WITH_WILL_MSG.rawValue), nil) }
    }

    // MARK: Callbacks

    private func setCallbacks() {
        mosquitto_connect_v5_callback_set(mosquitto) { _, context, reason, _, properties in
            if reason == 0 {
                MosquittoClient.note(context) {
                    $0.hasAnswer = true
                    $0.brokerPacketLimit = MosquittoClient.statedLimit(properties)
                    return .connected
                }
            } else {
                let isVersion = reason == MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION.rawValue || reason == 1
                MosquittoClient.note(.refused(MosquittoClient.connectReason(reason), isVersion: isVersion), context)
            }
        }
        mosquitto_disconnect_v5_callback_set(mosquitto) { _, context, reason, _ in
            MosquittoClient.note(context) { .disconnected($0.reason(reason)) }
        }
        mosquitto_message_v5_callback_set(mosquitto) { _, context, message, properties in
            guard let message else { return }
            MosquittoClient.note(.message(Message(message.pointee, properties)), context)
        }
        mosquitto_publish_v5_callback_set(mosquitto) { _, context, id, reason, _ in
            let refusal = reason >= 0x80 ? MosquittoClient.connectReason(reason) : nil
            MosquittoClient.note(.published(id, refusal: refusal), context)
        }
        mosquitto_subscribe_v5_callback_set(mosquitto) { _, context, _, count, granted, _ in
            guard let granted, (0..<Int(count)).contains(where: { granted[$0] >= 0x80 }) else { return }
            MosquittoClient.note(.subscriptionRefused, context)
        }
    }

    private static func statedLimit(_ properties: OpaquePointer?) -> Int? {
        var limit: UInt32 = 0
        let identifier = Int32(MQTT_PROP_MAXIMUM_PACKET_SIZE.rawValue)
        guard mosquitto_property_read_int32(properties, identifier, &limit, false) != nil else { return nil }
        return Int(limit)
    }

    private static let noAnswer = "the connection was closed without an answer: is it the port of a broker?"

    private static func note(_ event: Event, _ context: UnsafeMutableRawPointer?) { note(context) { _ in event } }

    private static func note(_ context: UnsafeMutableRawPointer?, _ event: (MosquittoClient) -> Event) {
        guard let context else { return }
        let client = Unmanaged<MosquittoClient>.fromOpaque(context).takeUnretainedValue()
        client.events.append(event(client))
    }

    /// The text of a broker's code: an MQTT 5 reason code, or one of MQTT 3.1.1's five return codes of CONNACK.
    private static func connectReason(_ code: Int32) -> String {
        switch code {
        case 4: return "bad user name or password"
        case 5: return "not authorized"
        default:
            return String(cString: code < 0x80 ? mosquitto_connack_string(code) : mosquitto_reason_string(code))
                .lowercased()
        }
    }

    /// Why a call failed or a connection ended: an error of the library, or an MQTT 5 reason code from the broker.
    private func reason(_ code: Int32) -> String {
        let number = errno
        if let failure = tls?.failure ?? relay?.reason { return failure }
        switch mosq_err_t(rawValue: code) {
        case MOSQ_ERR_KEEPALIVE: return "the broker has not answered for \(keepAlive) s"
        case MOSQ_ERR_PROTOCOL, MOSQ_ERR_MALFORMED_PACKET:
            return "what answers does not speak MQTT" + (tls == nil ? "; if it is TLS, use mqtts://" : "")
        case MOSQ_ERR_SUCCESS: return reason(MOSQ_ERR_CONN_LOST.rawValue)
        case MOSQ_ERR_CONN_LOST, MOSQ_ERR_TLS:
            if let tls, !tls.isEstablished { return tls.silentEnd }
            if !hasAnswer { return Self.noAnswer }
        case MOSQ_ERR_ERRNO:
            // A broker that rejects the client's certificate may close the connection before its TLS alert was read.
            if let tls, number == EPROTO || !tls.isEstablished && number == ECONNRESET { return tls.silentEnd }
            if !hasAnswer, number == 0 || number == ECONNRESET { return Self.noAnswer }
            // Another call has overwritten the error, or there was none: the text would be "success".
            if number == 0 { return reason(MOSQ_ERR_CONN_LOST.rawValue) }
        default: break
        }
        var text = String(cString: code < 0x80 ? mosquitto_strerror(code) : mosquitto_reason_string(code)).lowercased()
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
