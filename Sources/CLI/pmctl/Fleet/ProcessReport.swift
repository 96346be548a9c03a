import JSONCodec
import Model
import Wire

/// One process as its agent reports it: an entry of `get_processes` or of `pm/<host>/process/<process_id>`.
struct ProcessReport {
    let json: JSON
    let id: String
    /// Kept as text: agents of a later version may have states that this version does not know.
    let state: String
    let want: String?
    let driver: String?
    let pid: Int?
    let command: String?
    let restarts: Int?
    /// Of a scheduled process.
    let runs: Int?
    let exitCode: Int?
    let signal: Int?
    /// Seconds since the epoch.
    let startedAt: Double?
    let exitedAt: Double?
    /// Seconds, at the time of the report.
    let uptime: Double?
    /// Why a `failed` process failed.
    let error: String?
    /// The result of its health check.
    let isHealthy: Bool?
    /// The dependencies that are not met yet.
    let waitsFor: [String]
    /// What the latest run left behind.
    let leftBehind: LeftBehind?
    /// The next start of a scheduled process, in seconds since the epoch.
    let nextStart: Double?
    /// The config it was started with; only `get_process` returns it.
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

    /// Whether it waits for its first scheduled start.
    var isScheduled: Bool { state == ProcessState.exited.rawValue && runs == 0 && nextStart != nil }

    /// The host's clock at the time of the report, in seconds since the epoch; nil while the process does not run.
    var saidAt: Double? {
        guard let startedAt, let uptime else { return nil }
        return startedAt + uptime
    }

    var isEnded: Bool { state == ProcessState.exited.rawValue || state == ProcessState.failed.rawValue }

    /// Why a script may want to know of it: nil while it runs and is not unhealthy, and between
    /// scheduled runs.
    var ill: ExitReason? {
        switch ProcessState(rawValue: state) {
        case .running: isHealthy == false ? .badHealth : nil
        case .failed: .failedProcess
        // Its schedule starts it later.
        case .exited where nextStart != nil: nil
        case .starting, .stopping, .backoff, .exited, nil: .notRunning
        }
    }

    /// Whether `reference` denotes this process.
    func matches(_ reference: ProcessReference) -> Bool {
        switch reference {
        case .id(let name): id == name.description
        case .pid(let number): pid == number
        }
    }
}
