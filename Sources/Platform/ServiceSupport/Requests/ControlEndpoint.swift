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

    /// Whether all requests are answered.
    package var isIdle: Bool { underWay.count == 0 }

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

    /// Answers a request that is not carried out. It is not remembered: sent again, it is a new request.
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

    /// Records a request that an earlier run of this daemon has begun: a duplicate is refused.
    ///
    /// - Parameter age: seconds since then.
    package func inherit(_ digest: PayloadDigest, age: Double) { known.inherit(digest, age: age, at: .now) }

    /// Resumes a request that an earlier run of this daemon had begun.
    ///
    /// - Returns: the reply to call with the outcome.
    package func resume(_ message: Message) -> Reply {
        let (header, command) = service.read(message)
        return begin(
            try? command.get(), size: message.payload.count, digest(of: message, header),
            for: ReplyContext(header: header, qos: message.qos))
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
        let digest = digest(of: message, context.header)
        if let digest, try isDuplicate(digest, command, of: context) { return }
        // After the search for duplicates: a duplicate is answered at any age, because its requester has missed the
        // answer.
        try checkAge(context.header)
        try checkLoad(command, size: size, isUrgent: isUrgent)
        service.execute(command, from: message, reply: begin(command, size: size, digest, for: context))
    }

    /// By which a duplicate is recognised; nil for a request without an `id`.
    private func digest(of message: Message, _ header: RequestHeader) -> PayloadDigest? {
        header.id == nil ? nil : PayloadDigest(of: message.payload)
    }

    /// Answers a duplicate, now or with the first request.
    private func isDuplicate(
        _ digest: PayloadDigest, _ command: Service.Command, of context: ReplyContext
    ) throws(Failure) -> Bool {
        switch known.look(up: digest, for: context, at: .now) {
        case .new: return false
        case .underWay: break
        case .crowded: throw Failure(.noCapacity, "too many duplicates wait for the answer to this id")
        case .lost: throw Failure(.internal, "this request was carried out before, and its answer is lost")
        case .ended(let outcome): responder.answer(outcome, to: context)
        }
        audit.note(AuditEntry(header: context.header, subject: command.subject, result: .duplicate))
        return true
    }

    private func begin(
        _ command: Service.Command?, size: Int, _ digest: PayloadDigest?, for context: ReplyContext
    ) -> Reply {
        let (isReading, subject) = (command?.isReading ?? true, command?.subject)
        let isKept = !isReading && context.header.timestamp != nil
        if let digest {
            known.begin(digest)
            if isKept { service.begins(digest) }
        }
        underWay = (underWay.count + 1, underWay.bytes + size)
        return { [self] outcome in
            underWay = (underWay.count - 1, underWay.bytes - size)
            let result = outcome.failure.map(AuditEntry.Result.refused) ?? .done
            let entry = AuditEntry(header: context.header, subject: subject, result: result)
            if !isReading { audit.note(entry) }
            responder.answer(outcome, to: context)
            if isReading { audit.note(reading: entry) }
            guard let digest else { return }
            let others = known.end(digest, keeping: isKept ? outcome : nil, at: .now)
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

    /// A request must be known for as long as it can be sent again without being expired.
    private static func window(_ quotas: Quotas) -> Double { max(Limits.duplicateWindow, quotas.requestTTL) }

    private static func bucket(_ quotas: Quotas) -> TokenBucket {
        TokenBucket(rate: quotas.requestRate, capacity: quotas.requestRate, now: Instant.now.seconds)
    }
}
