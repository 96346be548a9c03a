import DequeModule
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// The answers to requests that carried an `id`, so that the same `id` again is answered and not carried out again.
struct AnswerCache {
    enum Lookup {
        /// Never seen, or long ago: noted as under way from now on.
        case new
        /// Under way; whoever asked again is answered with the others.
        case underWay
        case answered(Answer)
    }

    private enum State {
        case underWay(askedAgain: [RequestHeader])
        case answered(Answer)
    }

    private var states: [RequestID: (since: Instant, state: State)] = [:]
    private var order: Deque<(id: RequestID, since: Instant)> = []
    private var bytes = 0

    mutating func look(up id: RequestID, for header: RequestHeader, at now: Instant) -> Lookup {
        removeOld(now)
        guard let (since, state) = states[id] else {
            states[id] = (now, .underWay(askedAgain: []))
            order.append((id, now))
            return .new
        }
        switch state {
        case .answered(let answer): return .answered(answer)
        case .underWay(let headers):
            states[id] = (since, .underWay(askedAgain: headers + [header]))
            return .underWay
        }
    }

    /// Stores an answer.
    ///
    /// - Returns: who else asked meanwhile.
    mutating func store(_ answer: Answer, for id: RequestID) -> [RequestHeader] {
        guard let (since, state) = states[id], case .underWay(let headers) = state else { return [] }
        states[id] = (since, .answered(answer))
        bytes += answer.payload.count
        return headers
    }

    /// Over a bound, the oldest answers go; a request under way stays known until it has ended.
    private mutating func removeOld(_ now: Instant) {
        while let oldest = order.first,
            order.count > Limits.storedAnswers || bytes > Limits.storedAnswerBytes
                || (now - oldest.since).inSeconds > Limits.duplicateWindow
        {
            order.removeFirst()
            guard let (since, state) = states[oldest.id], since == oldest.since else { continue }
            if case .answered(let answer) = state { bytes -= answer.payload.count }
            states[oldest.id] = nil
        }
    }
}

/// An encoded answer.
struct Answer {
    let payload: [UInt8]
    let contentType: ContentType
}
