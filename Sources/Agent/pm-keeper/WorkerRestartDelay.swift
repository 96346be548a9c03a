import CKeeper
import CLinux

/// The back-off before a child of the keeper is restarted: none the first time, then doubled while it ends soon after
/// its start.
struct WorkerRestartDelay {
    private var delay: Int64 = 0
    private var startedAt: Int64 = 0
    private var due: Int64 = 0

    /// Milliseconds: a run of this length resets the delay; the shortest delay that is not zero; the longest.
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

    /// Counts a child that could not be started.
    mutating func failed() {
        startedAt = pm_keeper_milliseconds()
        delay = max(Self.first, delay)
        ended()
    }
}
