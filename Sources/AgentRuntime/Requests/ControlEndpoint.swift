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
    private var known = KnownRequests()
    /// Requests whose answer is still to come, and their bytes.
    private var underWay = (count: 0, bytes: 0)

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
        let asker = Asker(header: request.header, qos: message.qos)
        do {
            try admit(request, size: message.payload.count, of: asker)
        } catch {
            responder.answer(.failed(error), to: asker)
        }
    }

    /// Has a request carried out, unless something speaks against it.
    private func admit(_ request: Request, size: Int, of asker: Asker) throws(Failure) {
        let command = try request.command.get()
        try checkHost(request.header)
        if let id = request.header.id {
            switch known.look(up: id, for: asker, at: .now) {
            case .new: break
            case .underWay: return
            case .ended(let outcome, let original):
                return responder.answer(outcome, to: asker, as: original.answer(for: asker.header))
            }
        }
        // Only what would be carried out can be too late: a duplicate gets the answer that its requester has missed.
        try checkAge(request.header)
        try checkLoad(command, size: size)
        perform(command, size: size, for: asker)
    }

    private func perform(_ command: Command, size: Int, for asker: Asker) {
        let id = asker.header.id
        if let id { known.begin(id) }
        underWay = (underWay.count + 1, underWay.bytes + size)
        execute(command) { [self] outcome in
            underWay = (underWay.count - 1, underWay.bytes - size)
            responder.answer(outcome, to: asker)
            guard let id else { return }
            let others = known.end(id, outcome, of: asker.header, isReading: command.isReading, at: .now)
            for other in others { responder.answer(outcome, to: other, as: asker.header) }
        }
    }

    private func checkHost(_ header: RequestHeader) throws(Failure) {
        if let name = header.hostName, name != host.description {
            throw Failure(.wrongNode, "this is \(host), not the host that host_name says")
        }
        if let node = header.nodeID, node != host.description {
            throw Failure(.wrongNode, "this is \(host), not the node that node_id says")
        }
    }

    private func checkAge(_ header: RequestHeader) throws(Failure) {
        guard let timestamp = header.timestamp, requestTTL > 0 else { return }
        if WallClock.now - timestamp > requestTTL { throw Failure(.expired, "expired") }
    }

    /// Keeps memory bounded where requesters are faster than processes end, or than the broker takes answers.
    private func checkLoad(_ command: Command, size: Int) throws(Failure) {
        guard underWay.count < Limits.requestsUnderWay, underWay.bytes + size <= Limits.requestBytesUnderWay else {
            throw Failure(.noCapacity, "too many requests are under way")
        }
        if responder.isCongested, command.isReading || size > Limits.smallRequest {
            throw Failure(.noCapacity, "too many answers wait for the broker")
        }
    }
}
