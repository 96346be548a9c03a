import DequeModule
import LinuxSystem
import MQTTTransport
import Model

/// An MQTT client that keeps a number of requests in flight and measures the latency of each answer.
///
/// Every benchmark that sends requests has one. Its calls are synchronous: each runs the event loop until all answers
/// have arrived, and throws ``BenchError`` if they do not arrive in time. Answers are matched to requests by order.
final class Load {
    private let loop: EventLoop
    private let session: Session
    private var received: (Message) -> Void = { _ in }

    /// Connects to the broker's Unix socket and subscribes.
    init(socket: String, subscriptions: [String]) throws {
        loop = try EventLoop()
        let address = try BrokerAddress("unix://\(socket)")
        guard let session = Session(address, clientID: "bench-\(UInt64.random(in: 0 ... .max))", will: nil, on: loop)
        else { throw BenchError("no memory") }
        self.session = session
        session.start(
            Session.Handlers(
                connected: { [unowned self] in
                    for filter in subscriptions { self.session.subscribe(filter) }
                    self.loop.stop()
                },
                message: { [unowned self] in received($0) },
                disconnected: { [unowned self] _ in self.loop.stop() }))
        try loop.run()
        guard session.isConnected else { throw BenchError("no broker") }
    }

    /// Returns when a message on `topic` has arrived, with this payload unless it is nil.
    func await(_ topic: String, payload: String? = nil) throws {
        _ = try self.await(topic, within: 20) { text in payload.map { $0 == text } ?? true }
    }

    /// The first message on `topic` for which `isWanted` is true.
    func await(_ topic: String, within seconds: Int64, where isWanted: (String) -> Bool) throws -> String {
        var found = ""
        try withoutActuallyEscaping(isWanted) { isWanted in
            received = { [unowned self] message in
                let text = String(decoding: message.payload, as: UTF8.self)
                guard message.topic == topic, isWanted(text) else { return }
                found = text
                loop.stop()
            }
            defer { received = { _ in } }
            try run(seconds: seconds)
        }
        return found
    }

    func publish(_ topic: String, _ payload: [UInt8], qos: Int32 = 1, isRetained: Bool = false) {
        session.publish(Message(topic: topic, payload: payload, qos: qos, isRetained: isRetained), whenOffline: .drop)
    }

    /// Sends `count` requests with at most `window` of them unanswered. Each message on `answers` answers one request.
    func measure(_ request: Request, answers: String, count: Int, window: Int, qos: Int32) throws -> Sample {
        var sent = 0
        var begun: Deque<Instant> = []
        var latencies: [Double] = []
        latencies.reserveCapacity(count)
        func send() {
            guard sent < count else { return }
            sent += 1
            begun.append(.now)
            publish(request.topic, request.payload, qos: qos)
        }
        received = { [unowned self] message in
            guard message.topic == answers, !message.isRetained, let start = begun.popFirst() else { return }
            latencies.append((Instant.now - start).inSeconds)
            if latencies.count == count { loop.stop() } else { send() }
        }
        let begin = Instant.now
        for _ in 0..<window { send() }
        try run(seconds: 120)
        guard latencies.count == count else { throw BenchError("\(latencies.count) of \(count) answers came") }
        return Sample(seconds: (Instant.now - begin).inSeconds, latencies: latencies)
    }

    /// Sends one request and returns the payload of its answer.
    func ask(_ request: Request, answers: String) throws -> [UInt8] {
        var answer: [UInt8] = []
        received = { [unowned self] message in
            guard message.topic == answers, !message.isRetained else { return }
            answer = Array(message.payload)
            loop.stop()
        }
        publish(request.topic, request.payload)
        try run(seconds: 20)
        return answer
    }

    /// Sends all requests at once. Returns the answers in order of arrival, with the seconds until each arrived.
    func ask(
        _ requests: [Request], answers: String, within seconds: Int64
    ) throws -> [(answer: [UInt8], seconds: Double)] {
        var found: [(answer: [UInt8], seconds: Double)] = []
        let begin = Instant.now
        received = { [unowned self] message in
            guard message.topic == answers, !message.isRetained else { return }
            found.append((Array(message.payload), (Instant.now - begin).inSeconds))
            if found.count == requests.count { loop.stop() }
        }
        for request in requests { publish(request.topic, request.payload) }
        try run(seconds: seconds)
        return found
    }

    /// Waits while all other processes run.
    func settle(seconds: Int64) throws {
        received = { _ in }
        loop.after(.seconds(seconds)) { [loop] in loop.stop() }
        try loop.run()
    }

    private func run(seconds: Int64) throws {
        var isLate = false
        let timer = loop.after(.seconds(seconds)) { [loop] in
            isLate = true
            loop.stop()
        }
        try loop.run()
        loop.cancel(timer)
        if isLate { throw BenchError("no answer within \(seconds) s") }
    }
}

struct Request {
    let topic: String
    let payload: [UInt8]
}

struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
