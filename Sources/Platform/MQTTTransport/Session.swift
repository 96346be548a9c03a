import Glibc
package import LinuxSystem
import Model

/// A connection to the broker that reconnects by itself. Agent, pm-cluster and pmctl own one each.
///
/// The owner calls ``start(_:)`` once, and then subscribes and publishes (`Session+Sending.swift`). Everything runs on
/// the loop's thread, except for name lookup and connect, which block and run in a ``ConnectAttempt``. MQTT 5 is tried
/// first, then 3.1.1 (``ProtocolChoice``).
///
/// States: `idle`; `connecting`; `awaitingAnswer`, after CONNECT was sent; `connected`; `waiting`, before the next
/// attempt (``ReconnectDelay``); `closed`, which is final. The client may be called only in `awaitingAnswer` and
/// `connected`, and ``settle()`` must follow every call.
package final class Session {
    enum State {
        case idle
        case connecting(ConnectAttempt?)
        case awaitingAnswer(deadline: TimerID)
        case connected
        case waiting
        case closed
    }

    /// Set if connecting to this broker can't block: then it is done on the loop's thread.
    package var connectsAtOnce = false

    private let loop: EventLoop
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
    private var openedAt = Instant.now
    private var hasToldRefusal = false
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

    package var isMQTT5: Bool { client.version == .v5 }

    package func start(_ handlers: Handlers) {
        self.handlers = handlers
        connect()
    }

    // MARK: Connecting

    private func connect() {
        client.setVersion(choice.version)
        if connectsAtOnce {
            state = .connecting(nil)
            return attemptFinished(client.connect(to: address.endpoint, keepAlive: Limits.keepAlive))
        }
        do {
            let attempt = try ConnectAttempt(client, to: address, keepAlive: Limits.keepAlive, on: loop) {
                [weak self] failure in self?.attemptFinished(failure)
            }
            state = .connecting(attempt)
        } catch {
            retry("\(error)")
        }
    }

    /// Reconnects if the connection uses TLS, so that renewed certificates are used. Calls `disconnected` as for a lost
    /// connection.
    package func renew() {
        guard address.tls != nil, isConnected, whenFlushed == nil else { return }
        // The broker publishes the will, because the reconnect may fail.
        client.leave()
        _ = client.takeEvents()
        socketWatch.end()
        loop.cancel(keepAliveTimer)
        outbox.connectionLost()
        handlers?.disconnected("reconnecting with the current certificates")
        connect()
    }

    private func attemptFinished(_ failure: String?) {
        guard case .connecting = state else { return }
        if let failure { return retry(failure) }
        let deadline = loop.after(.seconds(Limits.connectDeadline)) { [weak self] in
            self?.lost("the broker accepted the connection but did not answer", .other)
        }
        state = .awaitingAnswer(deadline: deadline)
        settle()
    }

    private func opened() {
        guard case .awaitingAnswer(let deadline) = state else { return }
        loop.cancel(deadline)
        guard choice.opened() else {
            client.disconnect()
            socketWatch.end()
            return connect()
        }
        state = .connected
        openedAt = .now
        hasToldRefusal = false
        backoff.connected(at: .now)
        keepAlive()
        tellDrops()
        handlers?.connected()
    }

    private func keepAlive() {
        keepAliveTimer = loop.after(.milliseconds(Limits.keepAlive * 500)) { [weak self] in
            guard let self, isConnected else { return }
            client.tick()
            keepAlive()
            tellDrops()
            settle()
        }
    }

    private enum Loss { case versionRefused, hungUp, other }

    private func lost(_ reason: String, _ loss: Loss) {
        switch state {
        case .awaitingAnswer(let deadline):
            loop.cancel(deadline)
            switch loss {
            case .versionRefused: choice.refused()
            case .hungUp: choice.hungUp()
            case .other: break
            }
        case .connected:
            choice.lost()
            dropUnconfirmedMessages()
        case .idle, .connecting, .waiting, .closed: return
        }
        socketWatch.end()
        loop.cancel(keepAliveTimer)
        outbox.connectionLost()
        retry(reason)
        if let then = whenFlushed {
            whenFlushed = nil
            state = .closed
            then()
        }
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

    private func retry(_ reason: String) {
        state = .waiting
        loop.after(backoff.next(at: .now, using: &random)) { [weak self] in
            guard let self, case .waiting = state else { return }
            connect()
        }
        handlers?.disconnected(reason)
    }

    // MARK: The socket

    /// While connecting, the client belongs to the attempt's thread; between two connections it has nothing to do.
    private var ownsClient: Bool {
        switch state {
        case .awaitingAnswer, .connected: true
        case .idle, .connecting, .waiting, .closed: false
        }
    }

    private func socketReady(_ readiness: Readiness) {
        guard ownsClient else { return }
        if readiness.contains(.write) { client.write() }
        // Several packets in a row: a read is cheaper than a turn of the loop.
        if readiness != .write {
            for _ in 0..<16 {
                guard ownsClient, client.socket != nil else { break }
                client.read()
                // While the outbox is congested, only one packet is read before the next write.
                guard handleEvents(), !isCongested else { break }
            }
        }
        settle()
    }

    /// Must follow every call into libmosquitto: handles its events, sends what the outbox holds, and watches its
    /// socket for what it needs now.
    func settle() {
        handleEvents()
        // A message of QoS 0 is confirmed as soon as it is written, which makes room for more.
        repeat { sendOutbox() } while handleEvents()
        closeIfFlushed()
        guard ownsClient else { return }
        // Some failed TLS handshakes close the socket without an event (libmosquitto 2.0).
        guard client.socket != nil else { return lost(client.silentLoss, .other) }
        socketWatch.follow(client.socket, for: client.wantsToWrite ? [.read, .write] : .read) { [weak self] in
            self?.socketReady($0)
        }
    }

    /// - Returns: whether there were events.
    @discardableResult
    private func handleEvents() -> Bool {
        let events = client.takeEvents()
        for event in events {
            switch event {
            case .connected: opened()
            case .refused(let reason, let isVersion): lost(reason, isVersion ? .versionRefused : .other)
            case .message(let message): handlers?.message(message)
            case .published(let id, let refusal):
                let message = outbox.confirmed(id)
                if let refusal, let message, !hasToldRefusal {
                    hasToldRefusal = true
                    handlers?.refused(message, refusal)
                }
            case .subscriptionRefused: lost("the broker refused a subscription", .other)
            case .disconnected(let reason): lost(reason, .hungUp)
            }
        }
        return !events.isEmpty
    }
}
