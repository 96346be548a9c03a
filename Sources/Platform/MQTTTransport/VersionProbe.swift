import LinuxSystem
import Model

/// Asks a broker that seems not to support MQTT 5 again and again, over connections of its own, whether it does.
///
/// A session falls back to MQTT 3.1.1 if the broker closes its attempts with 5. A bad link may have closed them, and
/// with 3.1.1 an agent sees no Response Topic (MQTT 5 section 3.3.2.3.5): its requesters would wait for ever. The
/// session's own connection is not disturbed until the broker has answered with 5.
final class VersionProbe {
    private let loop: EventLoop
    private let makeSession: () -> Session?
    private let found: () -> Void
    private var timer: TimerID?
    private var session: Session?
    private var delay = Limits.versionProbeFirst

    /// - Parameters:
    ///   - makeSession: a session with a client ID that no other client has; nil if memory has run out.
    ///   - found: called when the broker has answered with MQTT 5.
    init(on loop: EventLoop, makeSession: @escaping () -> Session?, found: @escaping () -> Void) {
        self.loop = loop
        self.makeSession = makeSession
        self.found = found
    }

    /// Asks after a delay, and then after ever longer ones until the answer is yes or ``end()`` is called.
    func begin() {
        end()
        timer = loop.after(.seconds(delay)) { [weak self] in self?.ask() }
        delay = min(delay * 2, Limits.versionProbeMost)
    }

    func end() {
        loop.cancel(timer)
        timer = nil
        session?.close {}
        session = nil
    }

    private func ask() {
        guard let session = makeSession() else { return begin() }
        self.session = session
        session.start(
            Session.Handlers(
                connected: { [weak self, weak session] in self?.answered(session?.isMQTT5 == true) },
                message: { _ in },
                disconnected: { [weak self] failure in
                    // A refusal of the client, rather than of the version, is an answer in MQTT 5 as well.
                    if case .refused = failure { self?.answered(true) } else { self?.answered(false) }
                }))
    }

    /// Goes on after the present call, which is one of the session that ends here.
    private func answered(_ isSupported: Bool) {
        loop.cancel(timer)
        timer = loop.after(.zero) { [weak self] in
            guard let self else { return }
            if isSupported {
                end()
                found()
            } else {
                begin()
            }
        }
    }
}
