package import MQTTTransport
package import Model
package import Wire

/// What a daemon does at one control topic: it decodes requests, carries them out and encodes the answers.
///
/// ``ControlEndpoint`` calls it, in the order of these functions, and does everything else: duplicates, expiry, limits,
/// the audit log, and where the answers go.
package protocol ControlService {
    associatedtype Command: ControlCommand
    associatedtype Outcome: ControlOutcome

    /// The header of a request, which says where the answer goes, and its command or why it is malformed.
    func read(_ message: Message) -> (RequestHeader, Result<Command, Failure>)

    /// Why a request is meant for another host; nil when it is meant for this one.
    func refusal(of header: RequestHeader) -> Failure?

    /// Carries out a command.
    ///
    /// - Parameter reply: called once, now or later.
    func execute(_ command: Command, from message: Message, reply: @escaping (Outcome) -> Void)

    /// A request that must not be carried out twice, not even by a later run of the daemon, is about to be carried out.
    func begins(_ digest: PayloadDigest)

    func encode(_ outcome: Outcome, to header: RequestHeader) -> ([UInt8], ContentType)

    /// Where a copy of the answer goes when the requester names no topic; nil when there is to be none.
    func copyTopic(for header: RequestHeader) -> String?
}

extension ControlService {
    package func refusal(of header: RequestHeader) -> Failure? { nil }
    package func begins(_ digest: PayloadDigest) {}
    package func copyTopic(for header: RequestHeader) -> String? { nil }
}
