import JSONCodec
import LinuxSystem
import Model
import Supervision
import Wire

extension ProcessRecord {
    /// All fields, as members of one journal line; later lines may replace single fields.
    var members: [JSON.Member] {
        [.init("config", spec.config)] + origin.members + [restartMember] + lifecycle.members + launch.members
            + [.init("command", .string(command))] + (failure.map { [Self.member($0)] } ?? []) + periodicMembers
    }

    private var periodicMembers: [JSON.Member] {
        guard spec.schedule != nil else { return [] }
        return [.init("runs", .number(runs)), Self.member(failedRun: failedRun)]
            + (nextStart.map { [.init("next_start", .number($0))] } ?? [])
    }

    static func member(failedRun: String?) -> JSON.Member {
        .init("failed_run", failedRun.map { .string($0) } ?? .null)
    }

    private var restartMember: JSON.Member { Self.member(restarts: restarts, history) }

    static func member(restarts count: Int, _ history: RestartHistory) -> JSON.Member {
        .init(
            "restarts",
            [
                "count": .number(count), "times_after_boot": .array(history.restarts.map { .number($0) }),
                "streak": .number(history.streak),
            ])
    }

    static func member(_ failure: Failure) -> JSON.Member {
        .init("failure", ["code": .string(failure.code.rawValue), "detail": .string(failure.detail)])
    }

    /// - Throws: if the config can't be decoded.
    init(_ json: JSON) throws(Failure) {
        self.init(spec: try ProcessSpec(config: json["config"] ?? .null))
        origin = ProcessOrigin(json, of: spec)
        lifecycle = ProcessLifecycle.Record(json)
        launch = LaunchRecord(json)
        command = json["command"]?.string ?? ""
        failure = json["failure"].flatMap { failure in
            guard let detail = failure["detail"]?.string else { return nil }
            return Failure(failure["code"]?.string.flatMap { ErrorCode(rawValue: $0) } ?? .execFailed, detail)
        }
        runs = max(0, json["runs"]?.integer ?? 0)
        failedRun = json["failed_run"]?.string
        nextStart = json["next_start"]?.number.flatMap { Limits.times.contains($0) ? $0 : nil }
        restarts = max(0, json["restarts"]?["count"]?.integer ?? 0)
        let times =
            json["restarts"]?["times_after_boot"]?.array?.compactMap(\.number)
            // Agents before 0.3 stored wall-clock times, and no streak.
            ?? json["restarts"]?["times"]?.array?.compactMap(\.number).map(BootClock.seconds(ofWallTime:)) ?? []
        history = RestartHistory(times, streak: json["restarts"]?["streak"]?.integer ?? times.count)
    }
}
