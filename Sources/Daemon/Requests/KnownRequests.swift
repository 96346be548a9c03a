import DequeModule
import LinuxSystem
import Model
import Wire

/// The requests that carried an `id`, so that the same `id` again is answered and not carried out again.
///
/// What is kept is the outcome, from which the answer is printed anew: a request's own text may be large. Outcomes of
/// reading can be large as well, and have bounds of their own: they never push out what must not be done twice.
struct KnownRequests<Outcome: ControlOutcome> {
    enum Lookup {
        /// Never seen, or long ago.
        case new
        /// Under way; whoever asked again is answered with the others.
        case underWay
        case ended(Outcome, original: RequestHeader)
        /// Under way, and too many wait for it.
        case crowded
    }

    private enum State {
        case underWay(askedAgain: [Asker])
        case ended(Outcome, original: RequestHeader)
    }

    private struct Ended {
        let id: RequestID
        let since: Instant

        func isOld(_ now: Instant) -> Bool { (now - since).inSeconds > Limits.duplicateWindow }
    }

    /// A request under way stays known until it has ended.
    private var states: [RequestID: State] = [:]
    /// Those that have ended, the oldest first.
    private var works: Deque<Ended> = []
    private var readings: Deque<Ended> = []
    /// Process entries in the outcomes of readings, and what an `apply` told.
    private var entries = 0
    private var workEntries = 0

    mutating func look(up id: RequestID, for asker: Asker, at now: Instant) -> Lookup {
        removeOld(now)
        switch states[id] {
        case nil: return .new
        case .ended(let outcome, let original): return .ended(outcome, original: original)
        case .underWay(var askers):
            guard askers.count < Limits.askedAgain else { return .crowded }
            // Not copied for each.
            states[id] = nil
            askers.append(asker)
            states[id] = .underWay(askedAgain: askers)
            return .underWay
        }
    }

    /// Notes a new request as under way.
    mutating func begin(_ id: RequestID) { states[id] = .underWay(askedAgain: []) }

    /// Notes what came of it.
    ///
    /// - Returns: who else asked meanwhile.
    mutating func end(
        _ id: RequestID, _ outcome: Outcome, of original: RequestHeader, isReading: Bool, at now: Instant
    ) -> [Asker] {
        guard case .underWay(let askers) = states[id] else { return [] }
        states[id] = .ended(outcome, original: original.kept)
        if isReading {
            readings.append(Ended(id: id, since: now))
            entries += outcome.entryCount
        } else {
            works.append(Ended(id: id, since: now))
            workEntries += outcome.entryCount
        }
        return askers
    }

    private mutating func removeOld(_ now: Instant) {
        // Nearly every work counts as one entry; what an `apply` told can be long.
        while let oldest = works.first,
            works.count > Limits.storedOutcomes || workEntries > 2 * Limits.storedOutcomes || oldest.isOld(now)
        {
            if case .ended(let outcome, _) = states.removeValue(forKey: works.removeFirst().id) {
                workEntries -= outcome.entryCount
            }
        }
        while let oldest = readings.first,
            readings.count > Limits.storedReadings || entries > Limits.storedEntries || oldest.isOld(now)
        {
            if case .ended(let outcome, _) = states.removeValue(forKey: readings.removeFirst().id) {
                entries -= outcome.entryCount
            }
        }
    }
}
