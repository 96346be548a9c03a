import CMosquitto
import Glibc

/// An MQTT client for tests that uses libmosquitto directly and shares no code with pmqtt.
///
/// Its loop runs in a thread of its own and puts everything into an ``Inbox``. Methods of the client wait there for
/// acknowledgements and messages, and throw ``TestError`` after ``patience``. It does not reconnect. A message stays in
/// the inbox until it is taken with ``next(within:where:)`` or ``takeAll()``.
package final class TestClient: @unchecked Sendable {
    package struct Options: Sendable {
        package var id: String?
        package var version = Version.v5
        package var isCleanSession = true
        /// Seconds.
        package var keepAlive = 60
        package var will: Message?
        package var user: String?
        package var password: String?
        /// The file with the CA certificate for TLS.
        package var authority: String?
        /// How long the broker may take to answer CONNECT.
        package var patience = TestClient.patience

        package init(
            id: String? = nil, version: Version = .v5, isCleanSession: Bool = true, keepAlive: Int = 60,
            will: Message? = nil, user: String? = nil, password: String? = nil, authority: String? = nil
        ) {
            self.id = id
            self.version = version
            self.isCleanSession = isCleanSession
            self.keepAlive = keepAlive
            self.will = will
            self.user = user
            self.password = password
            self.authority = authority
        }
    }

    package enum Version: Int32, Sendable, CaseIterable {
        case v311 = 4
        case v5 = 5
    }

    /// The default timeout of a step of a test: long, because a correct step may be slow on a busy host.
    package static let patience = Duration.seconds(180)

    let inbox = Watched(Inbox())
    /// libmosquitto's handle. Its functions may be called from several threads (`mosquitto_threaded_set`).
    private let handle: OpaquePointer
    private let version: Version
    private var thread: pthread_t?

    /// Connects. Throws if the broker refuses.
    package convenience init(_ broker: Broker, _ options: Options = Options()) async throws {
        try await self.init(host: broker.socket, port: 0, options)
    }

    /// - Parameter port: 0 if `host` is the path of a Unix socket.
    package init(host: String, port: UInt16, _ options: Options = Options()) async throws {
        _ = Self.library
        let id = options.id ?? "test-\(UInt64.random(in: 0 ... .max))"
        version = options.version
        guard let handle = mosquitto_new(id, options.isCleanSession, nil) else { throw TestError("mosquitto_new") }
        self.handle = handle
        mosquitto_user_data_set(handle, Unmanaged.passUnretained(inbox).toOpaque())
        mosquitto_threaded_set(handle, true)
        mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, version.rawValue)
        mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1)
        if let user = options.user { mosquitto_username_pw_set(handle, user, options.password) }
        if let authority = options.authority {
            try Self.check(mosquitto_tls_set(handle, authority, nil, nil, nil, nil), "TLS")
        }
        Self.setCallbacks(handle)
        if let will = options.will {
            let code = mosquitto_will_set(
                handle, will.topic, Int32(will.payload.count), will.payload, Int32(will.qos), will.isRetained)
            try Self.check(code, "will")
        }
        try Self.check(
            mosquitto_connect_bind_v5(handle, host, Int32(port), Int32(options.keepAlive), nil, nil), "connect")
        startLoop()
        let code = try await inbox.first("CONNACK", within: options.patience) { $0.connack }
        guard code == 0 else { throw TestError("connect refused: \(code)") }
    }

    deinit {
        disconnect()
        mosquitto_destroy(handle)
    }

    /// Subscribes. Returns when the broker has acknowledged it.
    package func subscribe(_ filter: String, qos: Int = 1) async throws {
        var id: Int32 = 0
        try Self.check(mosquitto_subscribe_v5(handle, &id, filter, Int32(qos), 0, nil), "subscribe \(filter)")
        let code = try await inbox.first("SUBACK of \(filter)", within: Self.patience) { [id] in
            $0.subacks.removeValue(forKey: id)
        }
        guard code < 0x80 else { throw TestError("subscribe \(filter) refused: \(code)") }
    }

    /// Publishes a message. Returns when it is sent (QoS 0) or acknowledged.
    ///
    /// - Returns: the reason code of PUBACK; 0 at QoS 0.
    @discardableResult
    package func publish(
        _ topic: String, _ payload: [UInt8], qos: Int = 1, retain: Bool = false,
        properties: Message.Properties = Message.Properties()
    ) async throws -> Int {
        let id = try send(topic, payload, qos: qos, retain: retain, properties: properties)
        return try await inbox.first("PUBACK of \(topic)", within: Self.patience) { $0.pubacks.removeValue(forKey: id) }
    }

    @discardableResult
    package func publish(
        _ topic: String, _ text: String, qos: Int = 1, retain: Bool = false,
        properties: Message.Properties = Message.Properties()
    ) async throws -> Int {
        try await publish(topic, Array(text.utf8), qos: qos, retain: retain, properties: properties)
    }

    /// Queues a message without waiting.
    @discardableResult
    package func send(
        _ topic: String, _ payload: [UInt8], qos: Int = 0, retain: Bool = false,
        properties: Message.Properties = Message.Properties()
    ) throws -> Int32 {
        var id: Int32 = 0
        let code = properties.withList { list in
            mosquitto_publish_v5(
                handle, &id, topic, Int32(payload.count), payload, Int32(qos), retain, version == .v5 ? list : nil)
        }
        try Self.check(code, "publish \(topic)")
        return id
    }

    /// Takes the first matching message; the others stay in the inbox.
    package func next(
        within limit: Duration = TestClient.patience, where matches: @escaping @Sendable (Message) -> Bool
    ) async throws -> Message {
        do {
            let cursor = Inbox.Cursor()
            return try await inbox.first("a message", within: limit) { $0.take(behind: cursor, where: matches) }
        } catch { throw TestError("\(error); there are: \(messages.suffix(20))") }
    }

    package func next(on topic: String, within limit: Duration = TestClient.patience) async throws -> Message {
        do { return try await next(within: limit) { $0.topic == topic } } catch {
            throw TestError("\(topic): \(error)")
        }
    }

    /// The messages that have arrived and were not taken.
    package var messages: [Message] { inbox.update { $0.messages } }

    /// Takes all messages that have arrived.
    @discardableResult
    package func takeAll() -> [Message] {
        inbox.update { $0.takeAll() }
    }

    /// Returns when all messages that the broker had queued for this client have arrived.
    ///
    /// - Parameter folder: a topic prefix that the client may read and write.
    package func settle(below folder: String = "settle") async throws {
        let topic = "\(folder)/\(UInt64.random(in: 0 ... .max))"
        try await subscribe(topic)
        try await publish(topic, "")
        _ = try await next(on: topic)
    }

    package var isConnected: Bool { inbox.update { $0.isConnected } }

    /// Returns when the connection has ended, on either side.
    package func disconnected() async throws {
        _ = try await inbox.first("the end of the connection", within: Self.patience) { $0.isConnected ? nil : true }
    }

    /// Ends the connection with a DISCONNECT: the will is not published.
    package func disconnect() {
        mosquitto_disconnect(handle)
        joinLoop()
    }

    /// Ends the connection without a DISCONNECT, as a crash would: the will is published.
    package func kill() {
        shutdown(mosquitto_socket(handle), Int32(SHUT_RDWR))
        joinLoop()
    }

    private func startLoop() {
        var thread = pthread_t()
        // Not libmosquitto's own thread, because that reconnects.
        let code = pthread_create(
            &thread, nil,
            { handle in
                while mosquitto_loop(OpaquePointer(handle), 1000, 1) == MOSQ_ERR_SUCCESS.rawValue {}
                return nil
            }, UnsafeMutableRawPointer(handle))
        if code == 0 { self.thread = thread }
    }

    private func joinLoop() {
        guard let thread else { return }
        pthread_join(thread, nil)
        self.thread = nil
    }

    private static let library = mosquitto_lib_init()

    private static func check(_ code: Int32, _ what: String) throws {
        guard code == MOSQ_ERR_SUCCESS.rawValue else {
            throw TestError("\(what): \(String(cString: mosquitto_strerror(code)))")
        }
    }
}
