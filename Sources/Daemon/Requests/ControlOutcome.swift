package import Model

/// What a control topic takes.
package protocol ControlCommand {
    /// Whether it changes nothing.
    var isReading: Bool { get }
}

/// What is answered there.
package protocol ControlOutcome {
    static func failed(_ failure: Failure) -> Self

    /// As how many process entries it counts where memory is bounded.
    var entryCount: Int { get }
}
