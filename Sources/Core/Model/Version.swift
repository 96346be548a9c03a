package enum Version {
    package static let current = "0.3.0"
    /// Increases when the format of a message changes in a way that a reader could notice.
    package static let wireProtocol = 1
}
