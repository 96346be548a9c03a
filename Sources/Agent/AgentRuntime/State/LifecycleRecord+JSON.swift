import JSONCodec
import Model
import Supervision

extension ProcessLifecycle.Record {
    var members: [JSON.Member] {
        var members: [JSON.Member] = [
            .init("phase", .string(phase.rawValue)), .init("want", .string(want.rawValue)),
        ]
        switch decision {
        case .staysEnded: members.append(.init("verdict", "stays"))
        case .restarts(let delay): members.append(.init("verdict", .number(delay)))
        case .givesUp(let reason): members.append(.init("verdict", ["gives_up": .string(reason)]))
        case nil: members.append(.init("verdict", .null))
        }
        return members
    }

    /// The defaults of missing members: phase exited, want up, no decision.
    init(_ json: JSON) {
        let decision: RestartDecision? =
            switch json["verdict"] {
            case .string?: .staysEnded
            case .number(let delay)?: .restarts(after: min(max(delay, 0), Limits.longestWait))
            case .object?: .givesUp(reason: json["verdict"]?["gives_up"]?.string ?? "")
            default: nil
            }
        self.init(
            phase: json["phase"]?.string.flatMap { ProcessLifecycle.Phase(rawValue: $0) } ?? .exited,
            want: json["want"]?.string.flatMap { Want(rawValue: $0) } ?? .up, decision: decision)
    }
}
