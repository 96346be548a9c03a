import LinuxSystem
import MQTTTransport
import Model
import ServiceSupport
import Wire

/// Finds out whether another agent has this host's name, as after a copied disk or behind a bridge.
///
/// The agent hears its own health topic. Another session there that goes on is another agent: one that has ended says
/// nothing more, and what it had left is overwritten. Two agents of one broker end each other's connection by their
/// common client id; the one that finds the conflict waits longer and longer before it connects again.
final class NameConflict: HealthSource {
    private let host: HostName
    private let session: String
    private var sessions: HostSessions
    private var connections = 0

    /// - Parameter session: that of the agent itself.
    init(of host: HostName, session: String) {
        self.host = host
        self.session = session
        sessions = HostSessions(own: session)
    }

    /// Handles a message on the host's health topic, also a retained one: its number tells whether it is new.
    ///
    /// - Returns: whether it shows a conflict that was not known.
    func hears(_ message: Message) -> Bool {
        guard let mark = HealthMark(scanning: message.payload.span), let other = mark.session, other != session else {
            return false
        }
        let wasInConflict = sessions.isInConflict
        sessions.heard(other, sequence: mark.sequence, at: Instant.now.seconds)
        guard sessions.isInConflict, !wasInConflict else { return false }
        Log.note(reason, .error)
        return true
    }

    /// Seconds before the next connect at least, after a connection that may be lost to the other agent. Each call in a
    /// conflict doubles them.
    func nextDelay() -> Double {
        sessions.look(at: Instant.now.seconds)
        guard sessions.isInConflict else {
            connections = 0
            return 0
        }
        connections += 1
        return min(Limits.conflictDelay * Double(1 << min(connections - 1, 8)), Limits.mostConflictDelay)
    }

    var reasons: [String] {
        sessions.look(at: Instant.now.seconds)
        return sessions.isInConflict ? [reason] : []
    }

    private var reason: String { "another agent has the name \(host): give one of them another name (host)" }
}
