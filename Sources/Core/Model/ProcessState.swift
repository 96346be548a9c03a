/// What is observed of a process.
package enum ProcessState: String, Sendable, CaseIterable {
    case starting, running, stopping, backoff, exited, failed
}

/// What somebody wants of a process.
package enum Want: String, Sendable {
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case up, down
}
