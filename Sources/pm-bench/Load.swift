import DequeModule
import LinuxSystem
import MQTTTransport
import Model

/// A client that keeps a number of requests under way and times each answer.
final class Load {
    private let loop: EventLoop
    private let session: Session
    private var received: (Message) -> Void = { _ in }

    /// Connects and subscribes; the socket is the broker's.
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

    /// Returns when a message on `topic` has come.
    func await(_ topic: String, payload: String? = nil) throws {
        received = { [unowned self] message in
            let isWanted = payload.map { message.payload.elementsEqual($0.utf8) } ?? true
            if message.topic == topic, isWanted { loop.stop() }
        }
        try run(seconds: 20)
    }

    func publish(_ topic: String, _ payload: [UInt8], qos: Int32 = 1, isRetained: Bool = false) {
        session.publish(Message(topic: topic, payload: payload, qos: qos, isRetained: isRetained), whenOffline: .drop)
    }

    /// Sends `count` requests, `window` of them at a time; one is answered by each message on `answers`.
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

    /// Sends one request; the payload of its answer.
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

    /// Lets everything else run for a while.
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
