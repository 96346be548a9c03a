import CKeeper
import CLinux

/// How long a new worker waits after one that ended: not at all the first time, longer while they end at once.
struct WorkerRestartDelay {
    private var delay: Int64 = 0
    private var startedAt: Int64 = 0
    private var due: Int64 = 0

    /// Milliseconds: a worker that lived so long was well, and what a wait is at least and at most.
    private static let stability: Int64 = 5_000
    private static let first: Int64 = 100
    private static let most: Int64 = 1_000

    var isOver: Bool { pm_keeper_milliseconds() >= due }
    var milliseconds: Int32 { Int32(max(0, due - pm_keeper_milliseconds())) }

    mutating func started() { startedAt = pm_keeper_milliseconds() }

    mutating func ended() {
        let now = pm_keeper_milliseconds()
        if now - startedAt >= Self.stability { delay = 0 }
        due = now + delay
        delay = min(Self.most, max(Self.first, delay * 2))
    }

    /// It could not even be started.
    mutating func failed() {
        startedAt = pm_keeper_milliseconds()
        delay = max(Self.first, delay)
        ended()
    }
}
