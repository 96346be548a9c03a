import JSONCodec
import MQTTTransport
import Model

/// An agent's answer in the method dialect: `{"request":…,"result":{"status":"success"|"failed",…}}`.
struct Answer {
    let result: JSON

    init(result: JSON) { self.result = result }

    /// Nil unless `message` is the answer to the request with this id.
    init?(_ message: Message, inbox: String, id: String) {
        guard let (other, answer) = Self.received(message, inbox: inbox), other == id else { return nil }
        self = answer
    }

    /// An answer with the id of its request; nil if `message` is none.
    static func received(_ message: Message, inbox: String) -> (id: String, answer: Answer)? {
        guard message.topic == inbox, let json = message.json, let result = json["result"],
            let id = (json["id"] ?? json["request"]?["id"])?.string
        else { return nil }
        return (id, Answer(result: result))
    }

    var code: ErrorCode? { result["error"]?["code"]?.string.flatMap(ErrorCode.init) }

    /// The time of the answering host, in seconds since the epoch, if it differs too much from the request's.
    var clock: Double? { result["error"]?["clock"]?.number.flatMap { (0..<1e11).contains($0) ? $0 : nil } }

    /// Why the agent refused the request; nil if it succeeded.
    var refusal: String? {
        guard result["status"]?.string != "success" else { return nil }
        let parts = [result["message"]?.string, result["error"]?["detail"]?.string].compactMap(\.self)
        return parts.isEmpty ? "the agent refused without a reason" : parts.joined(separator: ": ")
    }

    /// The refusal as the failure of a command; nil if the request succeeded.
    var error: CommandError? { refusal.map { .failed($0, reason) } }

    private var reason: ExitReason {
        switch code {
        case .noSuchProcess, .noSuchNode, .noSuchVM, .unknownHost: .missing
        case .hostOffline: .offline
        case .notAuthorized: .denied
        case .timeout: .timeout
        default: .failure
        }
    }
}
