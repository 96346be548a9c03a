package import Model

/// A decoded request of a control topic.
package protocol ControlCommand {
    /// Whether it changes nothing.
    var isReading: Bool { get }
    /// Whether it only ends something.
    var isEnding: Bool { get }
    /// What it is about, as text for people.
    var subject: String? { get }
}

/// The result of a command, before it is encoded as an answer.
package protocol ControlOutcome {
    static func failed(_ failure: Failure) -> Self
    var failure: Failure? { get }

    /// The number of process entries that it counts as where memory is bounded.
    var entryCount: Int { get }
}
