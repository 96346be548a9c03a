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
        case underWay(askedAgain: [ReplyContext])
        case ended(Outcome, original: RequestHeader)
    }

    /// Requests that have ended, the oldest first.
    private struct History {
        private var ended: Deque<(id: RequestID, since: Instant, entries: Int)> = []
        /// Process entries in their outcomes: of a reading, or of what an `apply` told.
        private var entries = 0

        mutating func append(_ id: RequestID, entries: Int, at now: Instant) {
            ended.append((id, now, entries))
            self.entries += entries
        }

        /// Takes out the oldest, if it is too old or too much is there.
        mutating func takeOldest(beyond most: Int, entries mostEntries: Int, since: Instant) -> RequestID? {
            guard let oldest = ended.first, ended.count > most || entries > mostEntries || oldest.since < since
            else { return nil }
            ended.removeFirst()
            entries -= oldest.entries
            return oldest.id
        }
    }

    /// Seconds for which one that has ended is known: at least as long as its request could be sent again in time.
    var window = Limits.duplicateWindow

    /// A request under way stays known until it has ended.
    private var states: [RequestID: State] = [:]
    private var works = History()
    private var readings = History()

    mutating func look(up id: RequestID, for context: ReplyContext, at now: Instant) -> Lookup {
        removeOld(now)
        switch states[id] {
        case nil: return .new
        case .ended(let outcome, let original): return .ended(outcome, original: original)
        case .underWay(var askers):
            guard askers.count < Limits.askedAgain else { return .crowded }
            // Not copied for each.
            states[id] = nil
            askers.append(context.waiting)
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
    ) -> [ReplyContext] {
        guard case .underWay(let askers) = states[id] else { return [] }
        states[id] = .ended(outcome, original: original.kept)
        if isReading {
            readings.append(id, entries: outcome.entryCount, at: now)
        } else {
            works.append(id, entries: outcome.entryCount, at: now)
        }
        return askers
    }

    private mutating func removeOld(_ now: Instant) {
        let since = now + .seconds(-window)
        while let id = readings.takeOldest(
            beyond: Limits.storedReadings, entries: Limits.storedEntries, since: since)
        {
            states[id] = nil
        }
        // Nearly every work counts as one entry; what an `apply` told can be long.
        while let id = works.takeOldest(
            beyond: Limits.storedOutcomes, entries: 2 * Limits.storedEntries, since: since)
        {
            states[id] = nil
        }
    }
}
