/// The sessions of agents that publish health under one host's name, to tell two agents from one that was restarted.
///
/// A restarted agent has a new session, and its earlier one says nothing more. Two agents of the same name, as after a
/// copied disk, go on both: that is a conflict. It lasts until one session has been alone for
/// ``Limits/conflictQuiet`` seconds.
///
/// Times are seconds of a monotonic clock.
package struct HostSessions: Hashable, Sendable {
    private struct Session: Hashable {
        let id: String
        var sequence: Double
        var heardAt: Double
    }

    /// The newest last.
    private var sessions: [Session] = []
    private let own: String?
    package private(set) var isInConflict = false

    /// - Parameter own: the session of the agent that keeps this, which is always the newest; nil for an observer.
    package init(own: String? = nil) {
        self.own = own
        if let own { sessions = [Session(id: own, sequence: 0, heardAt: 0)] }
    }

    /// Handles a health message that is not retained.
    package mutating func heard(_ id: String, sequence: Double, at time: Double) {
        forgetSilent(at: time, except: id)
        guard let index = sessions.firstIndex(where: { $0.id == id }) else {
            let session = Session(id: id, sequence: sequence, heardAt: time)
            if own == nil { sessions.append(session) } else { sessions.insert(session, at: 0) }
            if sessions.count > Limits.sessionsOfHost { sessions.removeFirst() }
            return
        }
        // A message of an earlier session may have been under way; one with a higher number is new.
        if index < sessions.count - 1, sequence > sessions[index].sequence { isInConflict = true }
        sessions[index].sequence = sequence
        sessions[index].heardAt = time
    }

    /// Ends a conflict that is over at this time.
    package mutating func look(at time: Double) { forgetSilent(at: time, except: nil) }

    private mutating func forgetSilent(at time: Double, except id: String?) {
        sessions.removeAll { session in
            session.id != id && session.id != own && time - session.heardAt >= Limits.conflictQuiet
        }
        if sessions.count <= 1 { isInConflict = false }
    }
}
