import DequeModule
import LinuxSystem
import MQTTTransport
import Model

/// The requests that were carried out or are under way, so that a duplicate is answered but not carried out again.
///
/// A duplicate has the same payload, byte for byte. While the first is under way, its `id` is enough to make another
/// one a duplicate. After that, a `timestamp` is needed as well: many clients send every request with the same `id`, and
/// a person who presses a button twice means it. Reading requests are always carried out again.
///
/// Only the outcome is kept, from which the answer is encoded again, because an answer quotes its request, which may be
/// large.
struct KnownRequests<Outcome: ControlOutcome> {
    enum Lookup {
        /// The payload is new, or was forgotten.
        case new
        /// Under way. The duplicate will be answered with the first.
        case underWay
        case ended(Outcome)
        /// Under way, and too many duplicates wait for the answer.
        case crowded
        /// An earlier run of this daemon has begun it, and its outcome is not known.
        case lost
    }

    private enum State {
        case underWay(askedAgain: [ReplyContext])
        case ended(Outcome)
        case lost
    }

    /// Seconds for which an ended request is known: at least as long as it can be sent again without being expired.
    var window = Limits.duplicateWindow

    /// A request under way is known until it ends.
    private var states: [PayloadDigest: State] = [:]
    /// Requests that have ended, the oldest first.
    private var ended: Deque<(digest: PayloadDigest, since: Instant, entries: Int)> = []
    /// Process entries in all outcomes: the outcome of an `apply` can be long.
    private var entries = 0

    mutating func look(up digest: PayloadDigest, for context: ReplyContext, at now: Instant) -> Lookup {
        removeOld(now)
        switch states[digest] {
        case nil: return .new
        case .lost: return .lost
        case .ended(let outcome): return .ended(outcome)
        case .underWay(var askers):
            guard askers.count < Limits.askedAgain else { return .crowded }
            // Removed first, so that the array is not copied.
            states[digest] = nil
            askers.append(context.waiting)
            states[digest] = .underWay(askedAgain: askers)
            return .underWay
        }
    }

    /// Records a new request as under way.
    mutating func begin(_ digest: PayloadDigest) { states[digest] = .underWay(askedAgain: []) }

    /// Records the end of a request.
    ///
    /// - Parameter outcome: what later duplicates are answered with; nil: a later one is carried out.
    /// - Returns: the duplicates that came meanwhile.
    mutating func end(_ digest: PayloadDigest, keeping outcome: Outcome?, at now: Instant) -> [ReplyContext] {
        guard case .underWay(let askers) = states[digest] else { return [] }
        states[digest] = outcome.map { .ended($0) }
        if let outcome {
            ended.append((digest, now, outcome.entryCount))
            entries += outcome.entryCount
        }
        return askers
    }

    /// Records a request that an earlier run of this daemon has begun.
    ///
    /// - Parameter age: seconds since then.
    mutating func inherit(_ digest: PayloadDigest, age: Double, at now: Instant) {
        guard states[digest] == nil else { return }
        states[digest] = .lost
        ended.append((digest, now + .seconds(-age), 0))
    }

    private mutating func removeOld(_ now: Instant) {
        let since = now + .seconds(-window)
        while let oldest = ended.first,
            ended.count > Limits.storedOutcomes || entries > Limits.storedEntries || oldest.since < since
        {
            ended.removeFirst()
            entries -= oldest.entries
            states[oldest.digest] = nil
        }
    }
}
