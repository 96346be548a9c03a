import LinuxSystem

/// libmosquitto's socket on the loop, and what it reports.
extension Session {
    /// Whether the client has a connection with which it sends and receives.
    private var ownsClient: Bool {
        switch state {
        case .awaitingAnswer, .connected: true
        case .idle, .preparing, .reaching, .waiting, .closed: false
        }
    }

    func socketReady(_ readiness: Readiness) {
        if case .reaching(let deadline) = state {
            if let reason = client.connectFailure() { return unreached(reason) }
            loop.cancel(deadline)
            return reached()
        }
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
            case .refused(let reason, let isVersion): lost(reason, isVersion ? .versionRefused : .refused)
            case .message(let message): handlers?.message(message)
            case .published(let id, let refusal):
                let message = outbox.confirmed(id)
                if let refusal, let message, tellsEveryRefusal || !hasToldRefusal {
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
