import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Asks agents, and takes their answers on a topic of pm-cluster's own.
///
/// Nothing is lost for whoever waits: he has a deadline of his own, and what he no longer waits for he cancels.
final class AgentRequests {
    typealias Completion = (Result<JSON, Failure>) -> Void

    /// Where the answers come.
    let inbox: String
    private let session: Session
    private var pending: [String: Completion] = [:]

    init(_ session: Session) {
        self.session = session
        inbox = Topic.reply(Name(sanitizing: RandomText.make(), fallback: "cluster"))
    }

    /// - Returns: the request's id, to cancel it by, and the request itself, to be sent once more.
    func send(
        _ method: Method, _ arguments: JSON, to host: HostName, _ completion: @escaping Completion
    ) -> (id: String, message: Message) {
        // A host that is asked must not be able to guess what others are asked, and answer in their place.
        let id = RandomText.make()
        let request: JSON = [
            "method": .string(method.rawValue), "args": arguments, "id": .string(id), "reply_to": .string(inbox),
        ]
        let message = Message(topic: Topic.control(host).description, payload: request.printed(), qos: 1)
        pending[id] = completion
        session.publish(message, whenOffline: .drop)
        return (id, message)
    }

    func sendAgain(_ message: Message) { session.publish(message, whenOffline: .drop) }

    func cancel(_ id: String?) {
        if let id { pending[id] = nil }
    }

    /// A message that came to the inbox.
    func received(_ message: Message) {
        guard let json = try? JSON.parse(message.payload.span, sizeLimit: Limits.answer, nestingLimit: 60),
            let result = json["result"], let id = (json["id"] ?? json["request"]?["id"])?.string,
            let completion = pending.removeValue(forKey: id)
        else { return }
        if result["status"]?.string == "success" { return completion(.success(result)) }
        let code = result["error"]?["code"]?.string.flatMap(ErrorCode.init) ?? .internal
        let detail = result["error"]?["detail"]?.string ?? result["message"]?.string ?? "refused without a reason"
        completion(.failure(Failure(code, detail)))
    }
}
