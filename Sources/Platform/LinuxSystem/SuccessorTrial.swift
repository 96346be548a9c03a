import CLinux

/// Whether the keeper's program on the disk can take over from a keeper.
package struct SuccessorTrial {
    /// As `pm_keeper_try` puts it.
    private let result: Int32

    init(result: Int32) { self.result = result }

    /// Why it can't take over; nil if it can.
    package var refusal: String? {
        switch result {
        case 0: nil
        case PM_TRY_EXITED + PM_TABLE_UNKNOWN:
            "pm-keeper on the disk is more than one version away from the running one"
        case PM_TRY_KILLED...: "pm-keeper on the disk does not work: it ended by signal \(result - PM_TRY_KILLED)"
        case PM_TRY_EXITED...:
            "pm-keeper on the disk does not know upgrades (exit code \(result - PM_TRY_EXITED) of pm-keeper --try)"
        default: "pm-keeper on the disk can't be executed: \(SystemError.reason(result))"
        }
    }
}
