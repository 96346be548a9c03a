import Glibc
package import LinuxSystem
import Model

/// A connection to the broker that comes back by itself.
///
/// All on the loop's thread; only looking up the broker and connecting to it happen off it. MQTT 5 first, 3.1.1 when the
/// broker does not take that.
package final class Session {
    enum State {
        case idle
        case connecting(ConnectAttempt?)
        case awaitingAnswer(deadline: TimerID)
        case connected
        case waiting
        case closed
    }

    /// Whether a connection to this broker is made, or fails, at once: then it takes no thread.
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
    /// Connections in a row that did not last.
    private var shortConnections = 0
    var whenFlushed: (() -> Void)?

    /// Nil when memory has run out.
    ///
    /// - Parameter packetLimit: bytes of an MQTT packet that comes in: the broker drops what is larger, in MQTT 5. Nil is any
    ///   number.
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

    /// Connects anew where that is by TLS: certificates may have been renewed. The owner is told as of any other end of
    /// the connection.
    package func renew() {
        guard address.tls != nil, isConnected, whenFlushed == nil else { return }
        // With its will: it may not come back.
        client.leave()
        _ = client.takeEvents()
        socketWatch.end()
        loop.cancel(keepAliveTimer)
        outbox.connectionLost()
        handlers?.disconnected("connecting anew, with the certificates as they are now")
        connect()
    }

    private func attemptFinished(_ failure: String?) {
        guard case .connecting = state else { return }
        if let failure { return retry(failure) }
        let deadline = loop.after(.seconds(Limits.connectDeadline)) { [weak self] in
            self?.lost("the broker took the connection and then said nothing", .other)
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
            giveUpPoison()
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

    /// A message that this broker takes for an attack would cut each new connection, because libmosquitto sends again
    /// what it has at QoS 1.
    private func giveUpPoison() {
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

    /// While it connects, the client is another thread's; between two connections there is nothing to do with it.
    private var ownsClient: Bool {
        switch state {
        case .awaitingAnswer, .connected: true
        case .idle, .connecting, .waiting, .closed: false
        }
    }

    private func socketReady(_ readiness: Readiness) {
        guard ownsClient else { return }
        if readiness.contains(.write) { client.write() }
        // A few packets in one go: one look at the socket is cheaper than one turn of the loop.
        if readiness != .write {
            for _ in 0..<16 {
                guard ownsClient, client.socket != nil else { break }
                client.read()
                // While much waits to be written, one at a time: writing gets its turn in between.
                guard handleEvents(), !isCongested else { break }
            }
        }
        settle()
    }

    /// After every call into libmosquitto: takes its events, and watches its socket for what it needs now.
    func settle() {
        handleEvents()
        // What is written at QoS 0 is confirmed at once, which makes room for more.
        repeat { sendOutbox() } while handleEvents()
        closeIfFlushed()
        guard ownsClient else { return }
        // A handshake that fails in the wrong moment is told in no other way (libmosquitto 2.0).
        guard client.socket != nil else { return lost(client.silentLoss, .other) }
        socketWatch.follow(client.socket, for: client.wantsToWrite ? [.read, .write] : .read) { [weak self] in
            self?.socketReady($0)
        }
    }

    /// - Returns: whether there was any.
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
