/// The observed state of a process.
package enum ProcessState: String, Sendable, CaseIterable {
    case starting, running, stopping, backoff, exited, failed
}

/// What a requester asked for.
package enum Want: String, Sendable {
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case up, down
}
