import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Sends requests to agents, and receives their answers on a topic of pm-cluster's own.
///
/// The caller sets its own deadline, and cancels a request that it no longer waits for; or it passes a timeout.
final class AgentRequests {
    typealias Completion = (Result<JSON, Failure>) -> Void

    /// The topic for answers.
    let inbox: String
    private let publisher: any Publisher
    private var pending: [String: Completion] = [:]

    init(_ publisher: any Publisher) {
        self.publisher = publisher
        inbox = Topic.reply(Name(sanitizing: RandomText.make(), fallback: "cluster"))
    }

    /// - Returns: the request's id for ``cancel(_:)``, and the request itself for ``sendAgain(_:)``.
    func send(
        _ method: Method, _ arguments: JSON, to host: HostName, _ completion: @escaping Completion
    ) -> (id: String, message: Message) {
        // Random, so that a host can't guess the ids of requests to other hosts and forge their answers.
        let id = RandomText.make()
        let request: JSON = [
            "method": .string(method.rawValue), "args": arguments, "id": .string(id), "reply_to": .string(inbox),
        ]
        let message = Message(topic: Topic.control(host).description, payload: request.printed(), qos: 1)
        pending[id] = completion
        publisher.publish(message, whenOffline: .drop)
        return (id, message)
    }

    /// Sends a request that is answered with `late` after `seconds`.
    func send(
        _ method: Method, _ arguments: JSON, to host: HostName, within seconds: Double, on loop: EventLoop,
        late: Failure, _ completion: @escaping Completion
    ) {
        var timer: TimerID?
        let (id, _) = send(method, arguments, to: host) { result in
            loop.cancel(timer)
            completion(result)
        }
        timer = loop.after(.seconds(seconds)) { [weak self] in
            self?.cancel(id)
            completion(.failure(late))
        }
    }

    func sendAgain(_ message: Message) { publisher.publish(message, whenOffline: .drop) }

    func cancel(_ id: String?) {
        if let id { pending[id] = nil }
    }

    /// Takes a message from the inbox.
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
