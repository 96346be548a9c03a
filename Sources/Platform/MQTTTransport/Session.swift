package import LinuxSystem
import Model

/// A connection to the broker that reconnects by itself. Agent, pm-cluster and pmctl own one each.
///
/// The owner calls ``start(_:)`` once, and then subscribes and publishes (`Session+Sending.swift`). Everything runs on
/// the loop's thread, except for what may block before a connect, which runs in a ``ConnectPreparation``. The broker's
/// addresses are tried one after the other (``BrokerRoutes``). MQTT 5 is tried first, then 3.1.1 (``ProtocolChoice``).
///
/// States: `idle`; `preparing`, which reads the credentials and looks up the name, or starts a ``Relay``; `reaching` one of the addresses;
/// `awaitingAnswer` to CONNECT; `connected`; `waiting`, before the next attempt (``ReconnectDelay``); `closed`, which is
/// final. The client may be called only in `reaching`, `awaitingAnswer` and `connected`, and ``settle()`` must follow
/// every call.
package final class Session {
    enum State {
        case idle
        case preparing(ConnectPreparation?)
        case reaching(deadline: TimerID)
        case awaitingAnswer(deadline: TimerID)
        case connected
        case waiting
        case closed
    }

    /// Set if the broker's address needs no lookup that can block: then it is done on the loop's thread.
    package var connectsAtOnce = false
    /// Seconds without a message after which the connection is checked, 5 at least.
    package var keepAliveInterval = Limits.keepAlive
    /// Seconds to the next attempt to connect, at least.
    package var leastDelay = 0.0
    /// Whether each message that the broker refuses is told, and not only the first one of a connection.
    package var tellsEveryRefusal = false

    let loop: EventLoop
    var client: MosquittoClient
    private let makeClient: () -> MosquittoClient?
    private let address: BrokerAddress
    var handlers: Handlers?
    var state = State.idle
    private var backoff = ReconnectDelay(
        first: Limits.reconnectFirst, most: Limits.reconnectMost, stability: Limits.reconnectStability)
    private var random = SystemRandomNumberGenerator()
    var socketWatch: SocketWatch
    var outbox = Outbox(
        messageLimit: Limits.outboxMessages, byteLimit: Limits.outboxBytes, window: Limits.outboxWindow)
    private var keepAliveTimer: TimerID?
    private var choice = ProtocolChoice()
    private var versionProbe: VersionProbe?
    private var routes = BrokerRoutes()
    private var openedAt = Instant.now
    var packetLimit = PacketLimit()
    var hasToldRefusal = false
    var toldDrops = 0
    /// Connections in a row that lasted less than ``Limits/shortConnection`` seconds.
    private var shortConnections = 0
    var whenFlushed: (() -> Void)?

    /// Nil if memory has run out.
    ///
    /// - Parameter packetLimit: maximum bytes of an incoming MQTT packet; nil: no limit. With MQTT 5 the broker drops
    ///   larger ones. MQTT 3.1.1 has no such limit.
    package init?(
        _ address: BrokerAddress, clientID: String, will: Message?, packetLimit: Int? = nil, on loop: EventLoop
    ) {
        makeClient = {
            guard let client = MosquittoClient(clientID: clientID, to: address, packetLimit: packetLimit) else {
                return nil
            }
            if let will { client.setWill(will) }
            return client
        }
        guard let client = makeClient() else { return nil }
        self.address = address
        self.client = client
        self.loop = loop
        socketWatch = SocketWatch(loop)
    }

    package var isConnected: Bool {
        if case .connected = state { true } else { false }
    }

    /// Whether the latest failure may be due to the MQTT version, so that another one is tried next.
    package var triesOtherVersion: Bool { choice.isUndecided }

    package var isMQTT5: Bool { client.version == .v5 }

    package func start(_ handlers: Handlers) {
        self.handlers = handlers
        connect()
    }

    // MARK: Connecting

    private func connect() {
        client.setVersion(choice.version)
        if connectsAtOnce {
            state = .preparing(nil)
            return prepared(client.prepare())
        }
        do {
            state = .preparing(try ConnectPreparation(of: client, on: loop) { [weak self] in self?.prepared($0) })
        } catch {
            retry(.unreachable("\(error)"))
        }
    }

    private func prepared(_ preparation: MosquittoClient.Preparation) {
        guard case .preparing = state else { return }
        switch preparation {
        case .failed(let reason): retry(.unreachable(reason))
        case .ready(let addresses):
            routes.begin(addresses)
            tryNextAddress()
        }
    }

    private func tryNextAddress() {
        socketWatch.end()
        while let next = routes.next() {
            if let reason = client.connect(to: next, keepAlive: keepAliveInterval) {
                routes.failed(reason)
                continue
            }
            guard !address.isUnixSocket, !address.needsRelay else { return reached() }
            let deadline = loop.after(.seconds(Limits.connectDeadline)) { [weak self] in
                self?.unreached("no connection within \(Int(Limits.connectDeadline)) s")
            }
            state = .reaching(deadline: deadline)
            return socketWatch.follow(client.socket, for: .write) { [weak self] in self?.socketReady($0) }
        }
        retry(.unreachable(routes.reason))
    }

    func unreached(_ reason: String) {
        guard case .reaching(let deadline) = state else { return }
        loop.cancel(deadline)
        routes.failed(reason)
        tryNextAddress()
    }

    func reached() {
        let patience = address.needsRelay ? Limits.relayDeadline : Limits.connectDeadline
        let deadline = loop.after(.seconds(patience)) { [weak self] in
            self?.lost("the broker accepted the connection but did not answer", .other)
        }
        state = .awaitingAnswer(deadline: deadline)
        // Begins the TLS handshake, if there is one.
        client.read()
        settle()
    }

    /// Reconnects if the connection uses TLS, so that renewed certificates are used. Calls `disconnected` as for a lost
    /// connection.
    package func renew() {
        guard address.tls != nil, isConnected, whenFlushed == nil else { return }
        reconnect("reconnecting with the current certificates")
    }

    private func reconnect(_ reason: String) {
        // The broker publishes the will, because the reconnect may fail.
        client.leave()
        _ = client.takeEvents()
        socketWatch.end()
        loop.cancel(keepAliveTimer)
        versionProbe?.end()
        outbox.connectionLost()
        handlers?.disconnected(.lost(reason))
        connect()
    }

    /// Reconnects with MQTT 5 as soon as the broker answers with it.
    private func probeVersion() {
        guard choice.isPresumed else { return versionProbe = nil }
        if versionProbe == nil {
            let (address, loop) = (address, loop)
            versionProbe = VersionProbe(on: loop) {
                Session(address, clientID: "pm-probe-\(RandomText.make())", will: nil, on: loop)
            } found: { [weak self] in
                guard let self, isConnected, whenFlushed == nil else { return }
                choice = ProtocolChoice()
                reconnect("reconnecting with MQTT 5, which the broker supports after all")
            }
        }
        versionProbe?.begin()
    }

    func opened() {
        guard case .awaitingAnswer(let deadline) = state else { return }
        loop.cancel(deadline)
        guard choice.opened() else {
            client.disconnect()
            socketWatch.end()
            return connect()
        }
        state = .connected
        routes.connected()
        openedAt = .now
        packetLimit.connected(
            told: isMQTT5 ? client.brokerPacketLimit ?? .max : nil, unconfirmed: outbox.unconfirmed, at: openedAt)
        hasToldRefusal = false
        backoff.connected(at: .now)
        keepAlive()
        probeVersion()
        tellDrops()
        handlers?.connected()
    }

    private func keepAlive() {
        let interval = min(Double(keepAliveInterval) / 2, Limits.keepAliveTick)
        keepAliveTimer = loop.after(.seconds(interval)) { [weak self] in
            guard let self, isConnected else { return }
            client.tick()
            keepAlive()
            tellDrops()
            settle()
        }
    }

    enum Loss { case versionRefused, refused, hungUp, other }

    func lost(_ reason: String, _ loss: Loss) {
        let failure: ConnectionFailure
        switch state {
        case .awaitingAnswer(let deadline):
            loop.cancel(deadline)
            switch loss {
            case .versionRefused:
                choice.refused()
                // The broker lives and has only another version: this is no failure.
                if choice.version == .v311 { return connectAfterwards() }
            case .hungUp: choice.hungUp()
            case .refused, .other: break
            }
            failure = loss == .refused ? .refused(refusal(reason)) : .unreachable(reason)
        case .connected:
            choice.lost()
            versionProbe?.end()
            let (again, isLearned) = packetLimit.lost(unconfirmed: outbox.unconfirmed, at: .now)
            if isLearned { replaceClient() } else { dropUnconfirmedMessages() }
            for entry in again.reversed() { outbox.putBack(entry) }
            failure = .lost(reason)
        case .idle, .preparing, .reaching, .waiting, .closed: return
        }
        socketWatch.end()
        loop.cancel(keepAliveTimer)
        outbox.connectionLost()
        retry(failure)
        if let then = whenFlushed {
            whenFlushed = nil
            state = .closed
            then()
        }
    }

    /// Sends all unconfirmed messages anew, in shorter forms where they are too large.
    private func replaceClient() {
        guard let fresh = makeClient() else { return }
        client = fresh
        outbox.putBackUnconfirmed()
    }

    /// Connects after the present call: the client may still have events of the old connection.
    private func connectAfterwards() {
        socketWatch.end()
        state = .waiting
        loop.after(.zero) { [weak self] in
            guard let self, case .waiting = state else { return }
            connect()
        }
    }

    private func refusal(_ reason: String) -> String {
        "the broker refuses \(address.user ?? "clients without a user name"): \(reason)"
    }

    /// After several short connections in a row: replaces the client and gives up its unconfirmed messages. A broker
    /// may close the connection because of one of them, and libmosquitto would send it again over each new connection.
    private func dropUnconfirmedMessages() {
        let isShort = (Instant.now - openedAt).inSeconds < Limits.shortConnection
        shortConnections = isShort ? shortConnections + 1 : 0
        guard shortConnections >= Limits.shortConnections, let fresh = makeClient() else { return }
        shortConnections = 0
        client = fresh
        outbox.forgetUnconfirmed()
    }

    private func retry(_ failure: ConnectionFailure) {
        state = .waiting
        let delay = max(backoff.next(at: .now, using: &random), .seconds(leastDelay))
        loop.after(delay) { [weak self] in
            guard let self, case .waiting = state else { return }
            connect()
        }
        handlers?.disconnected(failure)
    }
}
