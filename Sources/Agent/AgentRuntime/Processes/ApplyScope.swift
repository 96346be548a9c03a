/// Whose processes an `apply` is about.
enum ApplyScope {
    /// Everybody's.
    case all
    /// Those of `processes.d`.
    case directory
    /// The same, but none of them is removed.
    case directoryAdditions

    var origin: ProcessOrigin { self == .all ? .request : .directory }

    func includes(_ origin: ProcessOrigin) -> Bool { self == .all || origin == .directory }

    func removes(_ origin: ProcessOrigin) -> Bool { self != .directoryAdditions && includes(origin) }
}
