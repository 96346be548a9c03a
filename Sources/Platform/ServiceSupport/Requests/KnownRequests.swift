import DequeModule
import LinuxSystem
import Model
import Wire

/// The requests with an `id`, so that a duplicate is answered but not carried out again.
///
/// Only the outcome is kept, from which the answer is encoded again, because the request's own text may be large.
/// Outcomes of reading requests can be large, too, and have bounds of their own, so that they never push out those that
/// must not be carried out twice.
struct KnownRequests<Outcome: ControlOutcome> {
    enum Lookup {
        /// The id is new, or was forgotten.
        case new
        /// Under way. The duplicate will be answered with the others.
        case underWay
        case ended(Outcome, original: RequestHeader)
        /// Under way, and too many duplicates wait for the answer.
        case crowded
    }

    private enum State {
        case underWay(askedAgain: [ReplyContext])
        case ended(Outcome, original: RequestHeader)
    }

    /// Requests that have ended, the oldest first.
    private struct History {
        private var ended: Deque<(id: RequestID, since: Instant, entries: Int)> = []
        /// Process entries in all outcomes: of a reading request, or of an `apply`.
        private var entries = 0

        mutating func append(_ id: RequestID, entries: Int, at now: Instant) {
            ended.append((id, now, entries))
            self.entries += entries
        }

        /// Removes the oldest if it is too old or there are too many.
        mutating func takeOldest(beyond most: Int, entries mostEntries: Int, since: Instant) -> RequestID? {
            guard let oldest = ended.first, ended.count > most || entries > mostEntries || oldest.since < since
            else { return nil }
            ended.removeFirst()
            entries -= oldest.entries
            return oldest.id
        }
    }

    /// Seconds for which an ended request is known: at least as long as it can be sent again without being expired.
    var window = Limits.duplicateWindow

    /// A request under way is known until it ends.
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
            // Removed first, so that the array is not copied.
            states[id] = nil
            askers.append(context.waiting)
            states[id] = .underWay(askedAgain: askers)
            return .underWay
        }
    }

    /// Records a new request as under way.
    mutating func begin(_ id: RequestID) { states[id] = .underWay(askedAgain: []) }

    /// Records the outcome of a request.
    ///
    /// - Returns: the duplicates that came meanwhile.
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
        // Nearly every request that changes something counts as one entry; the outcome of an `apply` can be long.
        while let id = works.takeOldest(
            beyond: Limits.storedOutcomes, entries: 2 * Limits.storedEntries, since: since)
        {
            states[id] = nil
        }
    }
}
