/// What the keeper holds for one process until the worker has dealt with it.
struct HeldProcess {
    let launch: UInt64
    let pid: Int32
    /// The read ends of its log pipes, or -1: as long as somebody has them, nothing written is lost.
    let output: Int32
    let error: Int32
    /// Whether its end will be seen here; an adopted one is somebody else's child.
    let isChild: Bool
    /// As of wait(2), once it has ended.
    var status: Int32?
}
