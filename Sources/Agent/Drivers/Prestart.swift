/// A driver's request to prestart processes, which are then assigned to later specs.
package struct Prestart: Sendable {
    package let count: Int
    /// Prestarted processes of another edition are outdated, and not assigned.
    package let edition: Int

    /// The descriptor of the process's line, a socket to the agent. On it the process reports that it is ready, and
    /// receives its assignment. The process ends when the other end is closed.
    package let lineDescriptor: Int32

    /// The line of processes that start with a keeper, which passes only stdin, stdout and stderr on to its worker.
    package static let standardInput: Int32 = 0

    package init(count: Int, edition: Int, lineDescriptor: Int32) {
        self.count = count
        self.edition = edition
        self.lineDescriptor = lineDescriptor
    }
}

/// What is sent to a prestarted process to turn it into the process of a spec.
package struct PrestartAssignment: Sendable {
    package let edition: Int
    package let bytes: [UInt8]
    /// argv of an ordinary launch of the spec, for display.
    package let arguments: [String]
}
