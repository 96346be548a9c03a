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
}
