/// The bounds of a daemon that its configuration can change; see ``Limits`` for the others.
package struct Quotas: Equatable, Sendable {
    /// Live processes.
    package var processes = Limits.processes
    /// Remembered ended processes, each with a retained topic.
    package var ended = Limits.endedProcesses
    /// Seconds after its `timestamp` during which a request may be carried out; 0 means forever.
    package var requestTTL = Limits.requestTTL
    /// Requests in progress, and requests a second.
    package var requests = Limits.requestsUnderWay
    package var requestRate = Limits.requestRate
    /// Bytes of a request.
    package var payload = Limits.payload
    /// Bytes of messages that wait for the broker.
    package var queue = Limits.outboxBytes
    /// Bytes a second of one followed stream.
    package var followRate = Limits.followRate

    package init() {}
}
