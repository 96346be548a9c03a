import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Takes the requests on `pm/<host>/control`: refuses what must be, has the rest carried out, and answers.
final class ControlEndpoint {
    /// Seconds after its `timestamp` during which a request is carried out; 0 is for ever.
    var requestTTL: Double

    private let host: HostName
    private let responder: Responder
    private let execute: (Command, _ reply: @escaping (Outcome) -> Void) -> Void
    private var answers = AnswerCache()

    init(
        host: HostName, requestTTL: Double, responder: Responder,
        execute: @escaping (Command, _ reply: @escaping (Outcome) -> Void) -> Void
    ) {
        self.host = host
        self.requestTTL = requestTTL
        self.responder = responder
        self.execute = execute
    }

    func handle(_ message: Message) {
        let request = Request(message.payload.span, properties: message.properties)
        let header = request.header
        let qos = message.qos
        let command: Command
        do {
            command = try admit(request)
        } catch {
            return responder.send(Self.encode(.failed(error), header), to: header, qos: qos)
        }
        if let id = header.id {
            switch answers.look(up: id, for: AnswerCache.Asker(header: header, qos: qos), at: .now) {
            case .new: break
            case .underWay: return
            case .answered(let answer): return responder.send(answer, to: header, qos: qos)
            }
        }
        // Only what would be carried out can be too late: a duplicate gets the answer that its requester has missed.
        guard !isExpired(header) else {
            return responder.send(Self.encode(.failed(Failure(.expired, "expired")), header), to: header, qos: qos)
        }
        if let id = header.id { answers.begin(id) }
        execute(command) { [self] outcome in
            let answer = Self.encode(outcome, header)
            responder.send(answer, to: header, qos: qos)
            for other in header.id.map({ answers.store(answer, for: $0, at: .now) }) ?? [] {
                responder.send(answer, to: other.header, qos: other.qos)
            }
        }
    }

    /// The command of a request that may be carried out, if it is not too late.
    private func admit(_ request: Request) throws(Failure) -> Command {
        let command = try request.command.get()
        let header = request.header
        if let name = header.hostName, name != host.description {
            throw Failure(.wrongNode, "this is \(host), not the host that host_name says")
        }
        if let node = header.nodeID, node != host.description {
            throw Failure(.wrongNode, "this is \(host), not the node that node_id says")
        }
        return command
    }

    private func isExpired(_ header: RequestHeader) -> Bool {
        guard let timestamp = header.timestamp, requestTTL > 0 else { return false }
        return WallClock.now - timestamp > requestTTL
    }

    private static func encode(_ outcome: Outcome, _ header: RequestHeader) -> Answer {
        let (payload, contentType) = Response.encode(outcome, to: header)
        return Answer(payload: payload, contentType: contentType)
    }
}
