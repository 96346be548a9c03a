import LinuxSystem
package import MQTTTransport
package import Model
package import Wire

/// Takes the requests on a control topic: refuses what must be, has the rest carried out, and answers.
package final class ControlEndpoint<Command: ControlCommand, Outcome: ControlOutcome> {
    package typealias Reply = (Outcome) -> Void

    /// Seconds after its `timestamp` during which a request is carried out; 0 is for ever.
    package var requestTTL: Double

    private let read: (Message) -> (RequestHeader, Result<Command, Failure>)
    private let responder: Responder<Outcome>
    private let refusal: (RequestHeader) -> Failure?
    private let execute: (Command, Message, _ reply: @escaping Reply) -> Void
    private var known = KnownRequests<Outcome>()
    /// Requests whose answer is still to come, and their bytes.
    private var underWay = (count: 0, bytes: 0)

    /// - Parameters:
    ///   - read: whom to answer, and what to do or why not.
    ///   - refusal: why a request is not meant for this endpoint, if it is not.
    package init(
        requestTTL: Double, read: @escaping (Message) -> (RequestHeader, Result<Command, Failure>),
        responder: Responder<Outcome>,
        refusal: @escaping (RequestHeader) -> Failure? = { _ in nil },
        execute: @escaping (Command, Message, _ reply: @escaping Reply) -> Void
    ) {
        self.requestTTL = requestTTL
        self.read = read
        self.responder = responder
        self.refusal = refusal
        self.execute = execute
    }

    package func handle(_ message: Message) {
        let (header, command) = read(message)
        let asker = Asker(header: header, qos: message.qos)
        do {
            try admit(command, message, of: asker)
        } catch {
            responder.answer(.failed(error), to: asker)
        }
    }

    /// Answers a request that is not carried out, and is a new one when it comes again.
    package func refuse(_ message: Message, _ failure: Failure) {
        let (header, _) = read(message)
        responder.answer(.failed(header.refusal ?? failure), to: Asker(header: header, qos: message.qos))
    }

    /// Takes up a request that an earlier run of this daemon had begun with.
    ///
    /// - Returns: what answers it.
    package func resume(_ message: Message) -> Reply {
        let (header, command) = read(message)
        let isReading = (try? command.get())?.isReading ?? true
        return begin(size: message.payload.count, isReading: isReading, for: Asker(header: header, qos: message.qos))
    }

    /// Has a request carried out, unless something speaks against it.
    private func admit(
        _ command: Result<Command, Failure>, _ message: Message, of asker: Asker
    ) throws(Failure) {
        let command = try command.get()
        let size = message.payload.count
        if let refusal = refusal(asker.header) { throw refusal }
        if let id = asker.header.id {
            switch known.look(up: id, for: asker, at: .now) {
            case .new: break
            case .underWay: return
            case .ended(let outcome, let original):
                return responder.answer(outcome, to: asker, as: original.answer(for: asker.header))
            }
        }
        // Only what would be carried out can be too late: a duplicate gets the answer that its requester has missed.
        try checkAge(asker.header)
        try checkLoad(command, size: size)
        execute(command, message, begin(size: size, isReading: command.isReading, for: asker))
    }

    private func begin(size: Int, isReading: Bool, for asker: Asker) -> Reply {
        let id = asker.header.id
        if let id { known.begin(id) }
        underWay = (underWay.count + 1, underWay.bytes + size)
        return { [self] outcome in
            underWay = (underWay.count - 1, underWay.bytes - size)
            responder.answer(outcome, to: asker)
            guard let id else { return }
            let others = known.end(id, outcome, of: asker.header, isReading: isReading, at: .now)
            for other in others { responder.answer(outcome, to: other, as: asker.header) }
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
