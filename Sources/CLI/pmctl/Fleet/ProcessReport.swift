import JSONCodec
import Model
import Wire

/// One process as its agent told of it: an entry of `get_processes` or of `pm/<host>/process/<process_id>`.
struct ProcessReport {
    let json: JSON
    let id: String
    /// As the agent said it: a later version may know states that this one does not.
    let state: String
    let want: String?
    let driver: String?
    let pid: Int?
    let command: String?
    let restarts: Int?
    /// Of a periodic one.
    let runs: Int?
    let exitCode: Int?
    let signal: Int?
    /// Seconds since the epoch.
    let startedAt: Double?
    let exitedAt: Double?
    /// Seconds, when the agent said it.
    let uptime: Double?
    /// Why a `failed` one failed.
    let error: String?
    /// What its health check says.
    let isHealthy: Bool?
    /// Those that are not what they must be before it starts.
    let waitsFor: [String]
    /// What the latest run had left behind.
    let leftBehind: LeftBehind?
    /// When a periodic one starts next, in seconds since the epoch.
    let nextStart: Double?
    /// What it was started with; only `get_process` tells it.
    let config: JSON?

    /// Nil unless it has an id and a state.
    init?(_ json: JSON) {
        guard let id = json["process_id"]?.string, let state = json["state"]?.string else { return nil }
        self.json = json
        self.id = id
        self.state = state
        want = json["want"]?.string
        driver = json["driver"]?.string
        pid = json["pid"]?.integer
        command = json["command"]?.string
        restarts = json["restarts"]?.integer
        runs = json["runs"]?.integer
        exitCode = json["exit_code"]?.integer
        signal = json["signal"]?.integer
        startedAt = json["started_at"]?.number
        exitedAt = json["exited_at"]?.number
        uptime = json["uptime"]?.number
        error = json["error"]?.string
        isHealthy = json["healthy"]?.bool
        waitsFor = (json["waits_for"]?.array ?? []).compactMap(\.string)
        leftBehind = json["left_behind"].flatMap(LeftBehind.init)
        nextStart = json["next_start"]?.number
        config = json["config"]
    }

    /// Whether it waits for its first time.
    var isScheduled: Bool { state == ProcessState.exited.rawValue && runs == 0 && nextStart != nil }

    /// What the host's clock showed when the agent said this; nil while it does not run.
    var saidAt: Double? {
        guard let startedAt, let uptime else { return nil }
        return startedAt + uptime
    }

    var isEnded: Bool { state == ProcessState.exited.rawValue || state == ProcessState.failed.rawValue }

    /// Whether people mean this one by `reference`.
    func matches(_ reference: ProcessReference) -> Bool {
        switch reference {
        case .id(let name): id == name.description
        case .pid(let number): pid == number
        }
    }
}
