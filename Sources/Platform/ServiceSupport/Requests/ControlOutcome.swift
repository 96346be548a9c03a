package import Model

/// What a control topic takes.
package protocol ControlCommand {
    /// Whether it changes nothing.
    var isReading: Bool { get }
    /// Whether it only ends something.
    var isEnding: Bool { get }
    /// What it is about, for people.
    var subject: String? { get }
}

/// What is answered there.
package protocol ControlOutcome {
    static func failed(_ failure: Failure) -> Self
    var failure: Failure? { get }

    /// As how many process entries it counts where memory is bounded.
    var entryCount: Int { get }
}
