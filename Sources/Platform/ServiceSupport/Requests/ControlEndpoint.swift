import LinuxSystem
package import MQTTTransport
package import Model
package import Wire

/// Handles the requests on a control topic for agent and pm-cluster.
///
/// The daemon calls ``handle(_:)`` for each message. A request passes these checks in order: request rate, syntax, the
/// service's refusal, size, duplicate, age, load. Then the service carries it out and calls the reply once, which
/// answers the requester and all duplicates that came meanwhile. Every request is written to the audit log, whatever
/// its result.
package final class ControlEndpoint<Service: ControlService> {
    package typealias Reply = (Service.Outcome) -> Void

    package var quotas: Quotas {
        didSet {
            if quotas.requestRate != oldValue.requestRate { bucket = Self.bucket(quotas) }
            known.window = Self.window(quotas)
        }
    }
    private var bucket: TokenBucket

    private let audit: AuditLog
    private let service: Service
    private let responder: Responder<Service>
    private var known = KnownRequests<Service.Outcome>()
    /// Requests that were not answered yet, and their bytes.
    private var underWay = (count: 0, bytes: 0)

    /// - Parameters:
    ///   - topic: where every answer goes, retained; a copy goes to the topic that the requester names.
    ///   - audit: gets a line for each request.
    package init(
        _ service: Service, topic: Topic, publisher: any Publisher, quotas: Quotas, audit: AuditLog
    ) {
        self.service = service
        self.quotas = quotas
        self.audit = audit
        bucket = Self.bucket(quotas)
        responder = Responder(service, topic: topic, publisher: publisher)
        known.window = Self.window(quotas)
    }

    package func handle(_ message: Message) {
        let (header, command) = service.read(message)
        let context = ReplyContext(header: header, qos: message.qos)
        do {
            try admit(command, message, of: context)
        } catch {
            answer(refusing: error, to: context, (try? command.get())?.subject)
        }
    }

    /// Answers a request that is not carried out. Its id is not remembered: sent again, it is a new request.
    package func refuse(_ message: Message, _ failure: Failure) {
        let (header, command) = service.read(message)
        let context = ReplyContext(header: header, qos: message.qos)
        answer(refusing: header.refusal ?? failure, to: context, (try? command.get())?.subject)
    }

    private func answer(refusing failure: Failure, to context: ReplyContext, _ subject: String?) {
        let failure = context.header.dated(failure, now: WallClock.now)
        audit.note(AuditEntry(header: context.header, subject: subject, result: .refused(failure)))
        responder.answer(.failed(failure), to: context)
    }

    /// Resumes a request that an earlier run of this daemon had begun.
    ///
    /// - Returns: the reply to call with the outcome.
    package func resume(_ message: Message) -> Reply {
        let (header, command) = service.read(message)
        return begin(
            try? command.get(), size: message.payload.count, for: ReplyContext(header: header, qos: message.qos))
    }

    /// Carries out a request unless a check fails.
    private func admit(
        _ command: Result<Service.Command, Failure>, _ message: Message, of context: ReplyContext
    ) throws(Failure) {
        let size = message.payload.count + message.properties.user.bytes
        let isEnding = (try? command.get())?.isEnding ?? false
        let isUrgent = isEnding && size <= Limits.smallRequest
        // Before the other checks, because a refusal costs an answer, too.
        if !isUrgent { try checkRate() }
        let command = try command.get()
        if let refusal = service.refusal(of: context.header) { throw refusal }
        try checkSize(size)
        if let id = context.header.id {
            switch known.look(up: id, for: context, at: .now) {
            case .new: break
            case .underWay:
                return audit.note(AuditEntry(header: context.header, subject: command.subject, result: .duplicate))
            case .crowded: throw Failure(.noCapacity, "too many duplicates wait for the answer to this id")
            case .ended(let outcome, let original):
                audit.note(AuditEntry(header: context.header, subject: command.subject, result: .duplicate))
                return responder.answer(outcome, to: context, as: original.answer(for: context.header))
            }
        }
        // After the search for duplicates: a duplicate is answered at any age, because its requester has missed the
        // answer.
        try checkAge(context.header)
        try checkLoad(command, size: size, isUrgent: isUrgent)
        service.execute(command, from: message, reply: begin(command, size: size, for: context))
    }

    private func begin(_ command: Service.Command?, size: Int, for context: ReplyContext) -> Reply {
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
        if let failure = header.expiry(limit: quotas.requestTTL, now: WallClock.now) { throw failure }
    }

    private func checkRate() throws(Failure) {
        guard bucket.holds(1, at: Instant.now.seconds) else {
            throw Failure(.noCapacity, "more than \(quotas.requestRate) requests a second")
        }
        bucket.spend(1)
    }

    /// Bounds memory if requesters are faster than processes end, or than the broker takes answers.
    ///
    /// - Parameter isUrgent: whether the request ends something, which makes room. It is accepted while others are
    ///   refused.
    private func checkLoad(_ command: Service.Command, size: Int, isUrgent: Bool) throws(Failure) {
        guard underWay.count < (isUrgent ? 2 : 1) * quotas.requests,
            isUrgent || underWay.bytes + size <= Limits.requestBytesUnderWay
        else {
            throw Failure(.noCapacity, "too many requests are under way")
        }
        if responder.isCongested, command.isReading || size > Limits.smallRequest {
            throw Failure(.noCapacity, "too many answers wait for the broker")
        }
    }

    /// An id must be known for as long as its request can be sent again without being expired.
    private static func window(_ quotas: Quotas) -> Double { max(Limits.duplicateWindow, quotas.requestTTL) }

    private static func bucket(_ quotas: Quotas) -> TokenBucket {
        TokenBucket(rate: quotas.requestRate, capacity: quotas.requestRate, now: Instant.now.seconds)
    }
}
