import JSONCodec
import MQTTTransport
import Model
import ServiceSupport
import Wire

/// Takes any request whose method is `read`, `work` or `end`; its outcomes come when the test says so.
final class EchoService: ControlService {
    enum Command: ControlCommand {
        case read, work, end

        var isReading: Bool { self == .read }
        var isEnding: Bool { self == .end }
        var subject: String? { nil }
    }

    enum Outcome: ControlOutcome {
        case text(String)
        case failed(Failure)

        var failure: Failure? { if case .failed(let failure) = self { failure } else { nil } }
        var entryCount: Int { 1 }
    }

    /// The replies of commands that were carried out and are not answered.
    private(set) var pending: [(Outcome) -> Void] = []
    private(set) var count = 0
    private(set) var begun: [PayloadDigest] = []
    var refusal: Failure?
    var copy: String?

    func read(_ message: Message) -> (RequestHeader, Result<Command, Failure>) {
        let (header, json) = RequestHeader.parse(message.payload.span, properties: message.properties)
        if let refusal = header.refusal { return (header, .failure(refusal)) }
        let command: Command? =
            switch json?["method"]?.string {
            case "read": .read
            case "work": .work
            case "end": .end
            default: nil
            }
        return (header, command.map { .success($0) } ?? .failure(Failure(.unknownMethod, "no such method")))
    }

    func refusal(of header: RequestHeader) -> Failure? { refusal }

    func execute(_ command: Command, from message: Message, reply: @escaping (Outcome) -> Void) {
        count += 1
        pending.append(reply)
    }

    func encode(_ outcome: Outcome, to header: RequestHeader) -> ([UInt8], ContentType) {
        switch outcome {
        case .text(let text): (Array(text.utf8), .json)
        case .failed(let failure): (Array("\(failure.code.rawValue)".utf8), .json)
        }
    }

    func begins(_ digest: PayloadDigest) { begun.append(digest) }

    func copyTopic(for header: RequestHeader) -> String? { copy }

    /// Answers all that are pending.
    func answer(_ text: String) {
        let replies = pending
        pending = []
        for reply in replies { reply(.text(text)) }
    }
}
