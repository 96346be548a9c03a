import JSONCodec
import Model
import Supervision
import Wire

extension ProcessRecord {
    /// All of it, as one line of the journal says it; later lines may say single fields anew.
    var members: [JSON.Member] {
        [.init("config", spec.config), .init("origin", .string(origin.rawValue)), restartMember] + machine.members
            + launch.members + [.init("command", .string(command))] + (failure.map { [Self.member($0)] } ?? [])
    }

    private var restartMember: JSON.Member { Self.member(restarts: restarts, history) }

    static func member(restarts count: Int, _ history: RestartHistory) -> JSON.Member {
        .init(
            "restarts",
            [
                "count": .number(count), "times": .array(history.restarts.map { .number($0) }),
                "streak": .number(history.streak),
            ])
    }

    static func member(_ failure: Failure) -> JSON.Member {
        .init("failure", ["code": .string(failure.code.rawValue), "detail": .string(failure.detail)])
    }

    /// - Throws: when the config is none.
    init(_ json: JSON) throws(Failure) {
        self.init(spec: try ProcessSpec(config: json["config"] ?? .null))
        origin = json["origin"]?.string.flatMap { ProcessOrigin(rawValue: $0) } ?? .request
        machine = ProcessMachine.Record(json)
        launch = LaunchRecord(json)
        command = json["command"]?.string ?? ""
        failure = json["failure"].flatMap { failure in
            guard let detail = failure["detail"]?.string else { return nil }
            return Failure(failure["code"]?.string.flatMap { ErrorCode(rawValue: $0) } ?? .execFailed, detail)
        }
        restarts = max(0, json["restarts"]?["count"]?.integer ?? 0)
        let times = json["restarts"]?["times"]?.array?.compactMap(\.number) ?? []
        // A journal of an agent before 0.3 does not say how many of its restarts were in a row.
        history = RestartHistory(times, streak: json["restarts"]?["streak"]?.integer ?? times.count)
    }
}
