/// One process as `get_processes` lists it and `pm/<host>/process/<process_id>` retains it.
package struct ProcessEntry: Equatable, Sendable {
    package var id: Name
    package var driver: String
    package var state: ProcessState
    package var want: Want
    /// argv, quoted so that a POSIX shell would split it into the same words.
    package var command: String
    /// Present while it runs.
    package var pid: Int32?
    /// Seconds since the epoch.
    package var startedAt: Double?
    package var exitedAt: Double?
    package var exit: ExitStatus?
    package var restarts: Int
    /// How often a periodic one was executed; nil of others.
    package var runs: Int?
    /// Seconds; present while it runs.
    package var uptime: Double?
    /// Of a VM.
    package var vm: VMSpec?
    /// Why a `failed` one failed, or the latest run of a periodic one.
    package var error: String?
    /// What its health check says; nil without one, or before the first result.
    package var healthy: Bool?
    /// Those that are not what they must be before it starts.
    package var waitsFor: [Name] = []
    /// What the latest run had left behind.
    package var leftBehind: LeftBehind?
    /// When a periodic one starts next.
    package var nextStart: Double?

    package init(
        id: Name, driver: String, state: ProcessState, want: Want, command: String, pid: Int32? = nil,
        startedAt: Double? = nil, exitedAt: Double? = nil, exit: ExitStatus? = nil, restarts: Int = 0,
        uptime: Double? = nil, error: String? = nil, healthy: Bool? = nil, nextStart: Double? = nil
    ) {
        self.id = id
        self.driver = driver
        self.state = state
        self.want = want
        self.command = command
        self.pid = pid
        self.startedAt = startedAt
        self.exitedAt = exitedAt
        self.exit = exit
        self.restarts = restarts
        self.uptime = uptime
        self.error = error
        self.healthy = healthy
        self.nextStart = nextStart
    }
}
