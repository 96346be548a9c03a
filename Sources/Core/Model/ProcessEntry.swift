/// A process as listed by `get_processes` and retained on `pm/<host>/process/<process_id>`.
package struct ProcessEntry: Equatable, Sendable {
    package var id: Name
    package var driver: String
    package var state: ProcessState
    package var want: Want
    /// argv, quoted so that a POSIX shell splits it into the same words.
    package var command: String
    /// Present while the process runs.
    package var pid: Int32?
    /// Seconds since the epoch.
    package var startedAt: Double?
    package var exitedAt: Double?
    package var exit: ExitStatus?
    package var restarts: Int
    /// Number of launches of a periodic process; nil for other processes.
    package var runs: Int?
    /// Seconds; present while the process runs.
    package var uptime: Double?
    /// Size of a VM.
    package var vm: VMSpec?
    /// Why a process has the state `failed`, or why the latest run of a periodic process failed.
    package var error: String?
    /// Result of its health check; nil without one, or before the first result.
    package var healthy: Bool?
    /// The dependencies that are not met yet.
    package var waitsFor: [Name] = []
    /// Descendants that the latest run left behind.
    package var leftBehind: LeftBehind?
    /// The owner; nil for a process without one.
    package var owner: Owner?
    /// Next start of a periodic process.
    package var nextStart: Double?
    /// What it uses; nil unless the request asks for it.
    package var usage: ProcessUsage?

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
