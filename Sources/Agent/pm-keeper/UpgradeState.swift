import CKeeper
import CLinux

/// Whether the keeper is to execute its successor, and how that went before.
struct UpgradeState {
    /// Whether the worker has ended and the successor is to be executed.
    private(set) var isDue = false
    /// Whether it is due because the worker could not talk to this keeper: a keeper of another version may.
    private(set) var isRefused = false
    /// How many successors were executed one after the other, this program included.
    private(set) var count: UInt64 = 0
    /// How the latest attempt has ended, as `pm_keeper_try` puts it.
    private(set) var result: Int32 = 0

    init() {}

    init(continuing head: pm_table_head) {
        count = head.hand_overs
        isRefused = head.flags & UInt32(PM_TABLE_REFUSED) != 0
    }

    /// - Parameter code: the exit code of the worker.
    /// - Returns: whether the worker has ended for an upgrade.
    mutating func begins(_ code: Int32) -> Bool {
        // Once only: if the successor's worker can't talk to it either, another attempt would not help.
        let isRefused = code == PM_WORKER_REFUSED && !self.isRefused
        guard code == PM_WORKER_UPGRADES || isRefused else { return false }
        isDue = true
        self.isRefused = isRefused
        return true
    }

    /// Ends an attempt that has failed.
    mutating func ended(_ result: Int32) { (isDue, self.result) = (false, result) }

    mutating func workerIsReady() { isRefused = false }
}
