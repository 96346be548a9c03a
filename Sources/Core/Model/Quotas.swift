/// What a daemon takes on at most, as far as its configuration can say; see ``Limits`` for the others.
package struct Quotas: Equatable, Sendable {
    /// Live processes.
    package var processes = Limits.processes
    /// Ended ones that are remembered, each with a retained topic, as a live one has.
    package var ended = Limits.endedProcesses
    /// Seconds after its `timestamp` during which a request is carried out; 0 is for ever.
    package var requestTTL = Limits.requestTTL
    /// Requests that are being carried out, and those a second.
    package var requests = Limits.requestsUnderWay
    package var requestRate = Limits.requestRate
    /// Bytes of a request.
    package var payload = Limits.payload
    /// Bytes that wait for the broker.
    package var queue = Limits.outboxBytes
    /// Bytes a second of one followed stream.
    package var followRate = Limits.followRate

    package init() {}
}
