import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire
import ServiceSupport

/// Sends requests to agents, and receives their answers on a topic of pm-cluster's own.
///
/// The caller sets its own deadline, and cancels a request that it no longer waits for; or it passes a timeout. A request
/// has the host's time as its timestamp: a host that refuses one because its clock differs is asked once more by its own
/// clock.
final class AgentRequests {
    typealias Completion = (Result<JSON, Failure>) -> Void

    private struct Pending {
        let host: HostName
        /// The request without its timestamp.
        let members: [JSON.Member]
        var message: Message
        var isCorrected = false
        let completion: Completion
    }

    /// The topic for answers.
    let inbox: String
    private let publisher: any Publisher
    private var pending: [String: Pending] = [:]
    /// Seconds by which the clocks of hosts are ahead, where they differ too much.
    private var skews: [HostName: Double] = [:]

    init(_ publisher: any Publisher) {
        self.publisher = publisher
        inbox = Topic.reply(Name(sanitizing: RandomText.make(), fallback: "cluster"))
    }

    /// - Returns: the request's id for ``sendAgain(_:)`` and ``cancel(_:)``.
    @discardableResult
    func send(
        _ method: Method, _ arguments: JSON, to host: HostName, _ completion: @escaping Completion
    ) -> String {
        // Random, so that a host can't guess the ids of requests to other hosts and forge their answers.
        let id = RandomText.make()
        let members: [JSON.Member] = [
            .init("method", .string(method.rawValue)), .init("args", arguments), .init("id", .string(id)),
            .init("reply_to", .string(inbox)),
        ]
        let message = message(members, to: host)
        pending[id] = Pending(host: host, members: members, message: message, completion: completion)
        publisher.publish(message, whenOffline: .drop)
        return id
    }

    /// Sends a request that is answered with `late` after `seconds`.
    func send(
        _ method: Method, _ arguments: JSON, to host: HostName, within seconds: Double, on loop: EventLoop,
        late: Failure, _ completion: @escaping Completion
    ) {
        var timer: TimerID?
        let id = send(method, arguments, to: host) { result in
            loop.cancel(timer)
            completion(result)
        }
        timer = loop.after(.seconds(seconds)) { [weak self] in
            self?.cancel(id)
            completion(.failure(late))
        }
    }

    /// Sends the same request, byte for byte, whose answer may be lost.
    func sendAgain(_ id: String) {
        if let request = pending[id] { publisher.publish(request.message, whenOffline: .drop) }
    }

    func cancel(_ id: String?) {
        if let id { pending[id] = nil }
    }

    /// Takes a message from the inbox.
    func received(_ message: Message) {
        guard let json = try? JSON.parse(message.payload.span, sizeLimit: Limits.answer, nestingLimit: 60),
            let result = json["result"], let id = (json["id"] ?? json["request"]?["id"])?.string,
            let request = pending[id]
        else { return }
        if result["status"]?.string == "success" { return complete(id, .success(result)) }
        let code = result["error"]?["code"]?.string.flatMap(ErrorCode.init) ?? .internal
        if code == .expired, !request.isCorrected, let clock = result["error"]?["clock"]?.number {
            return correct(id, request, clock)
        }
        let detail = result["error"]?["detail"]?.string ?? result["message"]?.string ?? "refused without a reason"
        complete(id, .failure(Failure(code, detail)))
    }

    private func complete(_ id: String, _ result: Result<JSON, Failure>) {
        pending.removeValue(forKey: id)?.completion(result)
    }

    /// - Parameter clock: the host's time, in seconds since the epoch.
    private func correct(_ id: String, _ request: Pending, _ clock: Double) {
        let skew = clock - WallClock.now
        if skews.updateValue(skew, forKey: request.host) == nil {
            Log.note(
                "the clock of host \(request.host) differs by \(skew.rounded()) s; its requests go by its clock",
                .warning)
        }
        var request = request
        request.isCorrected = true
        request.message = message(request.members, to: request.host)
        pending[id] = request
        publisher.publish(request.message, whenOffline: .drop)
    }

    private func message(_ members: [JSON.Member], to host: HostName) -> Message {
        let timestamp = JSON.Member("timestamp", .number(WallClock.now + (skews[host] ?? 0)))
        return Message(
            topic: Topic.control(host).description, payload: JSON.object(members + [timestamp]).printed(), qos: 1)
    }
}
