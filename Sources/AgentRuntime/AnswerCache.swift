import DequeModule
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// The answers to requests that carried an `id`, so that the same `id` again is answered and not carried out again.
struct AnswerCache {
    enum Lookup {
        /// Never seen, or long ago.
        case new
        /// Under way; whoever asked again is answered with the others.
        case underWay
        case answered(Answer)
    }

    /// Whoever asked, and at which QoS.
    struct Asker {
        let header: RequestHeader
        let qos: Int32
    }

    private enum State {
        case underWay(askedAgain: [Asker])
        case answered(Answer)
    }

    private var states: [RequestID: State] = [:]
    /// Those that are answered, the oldest answer first.
    private var order: Deque<(id: RequestID, since: Instant)> = []
    private var bytes = 0

    mutating func look(up id: RequestID, for asker: Asker, at now: Instant) -> Lookup {
        removeOld(now)
        switch states[id] {
        case nil: return .new
        case .answered(let answer): return .answered(answer)
        case .underWay(let askers):
            states[id] = .underWay(askedAgain: askers + [asker])
            return .underWay
        }
    }

    /// Notes a new request as under way.
    mutating func begin(_ id: RequestID) { states[id] = .underWay(askedAgain: []) }

    /// Stores an answer.
    ///
    /// - Returns: who else asked meanwhile.
    mutating func store(_ answer: Answer, for id: RequestID, at now: Instant) -> [Asker] {
        guard case .underWay(let askers) = states[id] else { return [] }
        states[id] = .answered(answer)
        order.append((id, now))
        bytes += answer.payload.count
        return askers
    }

    /// Over a bound, the oldest answers go; a request under way stays known until it has ended.
    private mutating func removeOld(_ now: Instant) {
        while let oldest = order.first,
            order.count > Limits.storedAnswers || bytes > Limits.storedAnswerBytes
                || (now - oldest.since).inSeconds > Limits.duplicateWindow
        {
            order.removeFirst()
            if case .answered(let answer) = states.removeValue(forKey: oldest.id) { bytes -= answer.payload.count }
        }
    }
}

/// An encoded answer.
struct Answer {
    let payload: [UInt8]
    let contentType: ContentType
}
