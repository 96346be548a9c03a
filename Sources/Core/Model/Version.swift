package enum Version {
    package static let current = "0.3.0"
    /// Increases when the format of a message changes in a way that a reader could notice.
    package static let wireProtocol = 1
    /// When this version was built at the earliest, in seconds since the epoch (2026-11-30). A clock before it is not
    /// set.
    package static let builtAfter = 1_795_996_800.0
}
