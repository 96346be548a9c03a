import CKeeper

/// A launch that the keeper remembers until the worker releases it.
struct HeldProcess {
    let launch: UInt64
    let pid: Int32
    /// The read ends of its log pipes, or -1. Held so that no output is lost while there is no worker.
    let output: Int32
    let error: Int32
    /// Whether the keeper is its parent, and so sees its end; false for an adopted process.
    let isChild: Bool
    /// The status from wait(2); nil while the process runs.
    var status: Int32?

    /// As an entry of the table for a successor.
    var entry: pm_table_entry {
        let flags = (isChild ? PM_ENTRY_CHILD : 0) | (status == nil ? 0 : PM_ENTRY_ENDED)
        return pm_table_entry(
            launch: launch, pid: pid, output: output, error: error, status: status ?? 0, flags: UInt32(flags), unused: 0
        )
    }
}

extension HeldProcess {
    init(_ entry: pm_table_entry) {
        self.init(
            launch: entry.launch, pid: entry.pid, output: entry.output, error: entry.error,
            isChild: entry.flags & UInt32(PM_ENTRY_CHILD) != 0,
            status: entry.flags & UInt32(PM_ENTRY_ENDED) != 0 ? entry.status : nil)
    }
}
