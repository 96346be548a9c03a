/// Which processes an `apply` may change.
enum ApplyScope {
    /// The processes of requests and of `processes.d`.
    case all
    /// The processes of `processes.d`.
    case directory
    /// As `directory`, but no process is removed.
    case directoryAdditions

    var origin: ProcessOrigin { self == .all ? .request : .directory }

    func includes(_ origin: ProcessOrigin) -> Bool { self == .all || origin == .directory }

    func removes(_ origin: ProcessOrigin) -> Bool { self != .directoryAdditions && includes(origin) }
}
