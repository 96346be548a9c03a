import LinuxSystem
package import MQTTTransport
package import Model
package import Wire

/// Takes the requests on a control topic: refuses what must be, has the rest carried out, and answers.
package final class ControlEndpoint<Command: ControlCommand, Outcome: ControlOutcome> {
    package typealias Reply = (Outcome) -> Void

    package var quotas: Quotas {
        didSet {
            if quotas.requestRate != oldValue.requestRate { bucket = Self.bucket(quotas) }
            known.window = Self.window(quotas)
        }
    }
    private var bucket: TokenBucket

    private let audit: AuditLog
    private let read: (Message) -> (RequestHeader, Result<Command, Failure>)
    private let responder: Responder<Outcome>
    private let refusal: (RequestHeader) -> Failure?
    private let execute: (Command, Message, _ reply: @escaping Reply) -> Void
    private var known = KnownRequests<Outcome>()
    /// Requests whose answer is still to come, and their bytes.
    private var underWay = (count: 0, bytes: 0)

    /// - Parameters:
    ///   - audit: where it is written down what came of each request.
    ///   - read: whom to answer, and what to do or why not.
    ///   - refusal: why a request is not meant for this endpoint, if it is not.
    package init(
        quotas: Quotas, audit: AuditLog,
        read: @escaping (Message) -> (RequestHeader, Result<Command, Failure>),
        responder: Responder<Outcome>,
        refusal: @escaping (RequestHeader) -> Failure? = { _ in nil },
        execute: @escaping (Command, Message, _ reply: @escaping Reply) -> Void
    ) {
        self.quotas = quotas
        self.audit = audit
        bucket = Self.bucket(quotas)
        self.read = read
        self.responder = responder
        self.refusal = refusal
        self.execute = execute
        known.window = Self.window(quotas)
    }

    package func handle(_ message: Message) {
        let (header, command) = read(message)
        let context = ReplyContext(header: header, qos: message.qos)
        do {
            try admit(command, message, of: context)
        } catch {
            answer(refusing: error, to: context, (try? command.get())?.subject)
        }
    }

    /// Answers a request that is not carried out, and is a new one when it comes again.
    package func refuse(_ message: Message, _ failure: Failure) {
        let (header, command) = read(message)
        let context = ReplyContext(header: header, qos: message.qos)
        answer(refusing: header.refusal ?? failure, to: context, (try? command.get())?.subject)
    }

    private func answer(refusing failure: Failure, to context: ReplyContext, _ subject: String?) {
        audit.note(AuditEntry(header: context.header, subject: subject, result: .refused(failure)))
        responder.answer(.failed(failure), to: context)
    }

    /// Takes up a request that an earlier run of this daemon had begun with.
    ///
    /// - Returns: what answers it.
    package func resume(_ message: Message) -> Reply {
        let (header, command) = read(message)
        return begin(
            try? command.get(), size: message.payload.count, for: ReplyContext(header: header, qos: message.qos))
    }

    /// Has a request carried out, unless something speaks against it.
    private func admit(
        _ command: Result<Command, Failure>, _ message: Message, of context: ReplyContext
    ) throws(Failure) {
        let size = message.payload.count + message.properties.user.bytes
        let isEnding = (try? command.get())?.isEnding ?? false
        let isUrgent = isEnding && size <= Limits.smallRequest
        // What is refused costs an answer as well.
        if !isUrgent { try checkRate() }
        let command = try command.get()
        if let refusal = refusal(context.header) { throw refusal }
        try checkSize(size)
        if let id = context.header.id {
            switch known.look(up: id, for: context, at: .now) {
            case .new: break
            case .underWay:
                return audit.note(AuditEntry(header: context.header, subject: command.subject, result: .duplicate))
            case .crowded: throw Failure(.noCapacity, "too many wait for the answer to this id")
            case .ended(let outcome, let original):
                audit.note(AuditEntry(header: context.header, subject: command.subject, result: .duplicate))
                return responder.answer(outcome, to: context, as: original.answer(for: context.header))
            }
        }
        // Only what would be carried out can be too late: a duplicate gets the answer that its requester has missed.
        try checkAge(context.header)
        try checkLoad(command, size: size, isUrgent: isUrgent)
        execute(command, message, begin(command, size: size, for: context))
    }

    private func begin(_ command: Command?, size: Int, for context: ReplyContext) -> Reply {
        let (isReading, subject) = (command?.isReading ?? true, command?.subject)
        let id = context.header.id
        if let id { known.begin(id) }
        underWay = (underWay.count + 1, underWay.bytes + size)
        return { [self] outcome in
            underWay = (underWay.count - 1, underWay.bytes - size)
            let result = outcome.failure.map(AuditEntry.Result.refused) ?? .done
            let entry = AuditEntry(header: context.header, subject: subject, result: result)
            if !isReading { audit.note(entry) }
            responder.answer(outcome, to: context)
            if isReading { audit.note(reading: entry) }
            guard let id else { return }
            let others = known.end(id, outcome, of: context.header, isReading: isReading, at: .now)
            for other in others { responder.answer(outcome, to: other, as: context.header) }
        }
    }

    private func checkSize(_ size: Int) throws(Failure) {
        guard size <= quotas.payload else {
            throw Failure(.malformedRequest, "malformed request: it is larger than \(quotas.payload) bytes")
        }
    }

    private func checkAge(_ header: RequestHeader) throws(Failure) {
        guard let timestamp = header.timestamp, quotas.requestTTL > 0 else { return }
        if WallClock.now - timestamp > quotas.requestTTL { throw Failure(.expired, "expired") }
    }

    private func checkRate() throws(Failure) {
        guard bucket.holds(1, at: Instant.now.seconds) else {
            throw Failure(.noCapacity, "more than \(quotas.requestRate) requests a second")
        }
        bucket.spend(1)
    }

    /// Keeps memory bounded where requesters are faster than processes end, or than the broker takes answers.
    ///
    /// - Parameter isUrgent: what ends something makes room: it passes while others are turned away.
    private func checkLoad(_ command: Command, size: Int, isUrgent: Bool) throws(Failure) {
        guard underWay.count < (isUrgent ? 2 : 1) * quotas.requests,
            isUrgent || underWay.bytes + size <= Limits.requestBytesUnderWay
        else {
            throw Failure(.noCapacity, "too many requests are under way")
        }
        if responder.isCongested, command.isReading || size > Limits.smallRequest {
            throw Failure(.noCapacity, "too many answers wait for the broker")
        }
    }

    /// A request that is sent again in time must be known.
    private static func window(_ quotas: Quotas) -> Double { max(Limits.duplicateWindow, quotas.requestTTL) }

    private static func bucket(_ quotas: Quotas) -> TokenBucket {
        TokenBucket(rate: quotas.requestRate, capacity: quotas.requestRate, now: Instant.now.seconds)
    }
}
