package import Model
package import Wire

/// What a control topic takes.
package protocol ControlCommand {
    /// Whether it changes nothing.
    var isReading: Bool { get }

    /// Reads a request: whom to answer, and what to do or why not.
    static func read(
        _ payload: Span<UInt8>, properties: MessageProperties
    ) -> (RequestHeader, Result<Self, Failure>)
}

/// What is answered there.
package protocol ControlOutcome {
    static func failed(_ failure: Failure) -> Self

    /// As how many process entries it counts where memory is bounded.
    var entryCount: Int { get }

    func encode(to header: RequestHeader) -> ([UInt8], ContentType)
}
