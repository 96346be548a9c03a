import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Sends requests to the agents of many hosts at a time, and gathers the answers. At most
/// ``Limits/gatheredRequests`` are under way; each has the whole timeout.
///
/// The bus must be subscribed to the status of the hosts, and the hosts must be online at first.
final class Gathering {
    struct Request {
        let host: HostName
        let method: Method
        let arguments: JSON
        /// Whether it goes to the topic for requests that only read.
        var isWatching = false

        fileprivate var topic: Topic { isWatching ? .watch(host) : .control(host) }
    }

    typealias Outcome = Result<Answer, CommandError>

    private struct Pending {
        let index: Int
        let deadline: Instant
        let timestamp: Double
        /// Whether it was sent once more with the host's time.
        let isRepeated: Bool
    }

    private let requests: [Request]
    private let bus: Bus
    private let tell: (Int, Outcome) throws(CommandError) -> Void
    /// By the id of the request.
    private var pending: [String: Pending] = [:]
    private var warned: Set<HostName> = []

    /// - Parameter tell: called with each outcome as it comes, and the index of its request.
    init(_ requests: [Request], on bus: Bus, tell: @escaping (Int, Outcome) throws(CommandError) -> Void) {
        self.requests = requests
        self.bus = bus
        self.tell = tell
    }

    func run() throws(CommandError) {
        bus.keepsRefusals = true
        defer { bus.keepsRefusals = false }
        var rest = requests.indices[...]
        while true {
            while pending.count < Limits.gatheredRequests, let index = rest.popFirst() { send(index, WallClock.now) }
            guard let deadline = pending.values.map(\.deadline).min() else { return }
            if let message = try bus.next(before: deadline) { try take(message) }
            while let (message, reason) = bus.nextRefusal() {
                try end(Bus.refusal(of: message.topic, reason)) { "\($0.topic)" == message.topic }
            }
            try giveUp()
        }
    }

    private func send(_ index: Int, _ timestamp: Double, isRepeated: Bool = false) {
        let request = requests[index]
        let id = bus.send(request.method.rawValue, to: request.topic, request.arguments, timestamp)
        pending[id] = Pending(
            index: index, deadline: bus.answerDeadline, timestamp: timestamp, isRepeated: isRepeated)
    }

    private func take(_ message: Message) throws(CommandError) {
        if let (id, answer) = Answer.received(message, inbox: bus.inbox) {
            guard let request = pending.removeValue(forKey: id) else { return }
            return try take(answer, to: request)
        }
        guard message.text == "offline", case .status(let host) = Topic(message.topic) else { return }
        try end(.failed("host \(host) went offline before it answered", .offline)) { $0.host == host }
    }

    private func take(_ answer: Answer, to request: Pending) throws(CommandError) {
        let host = requests[request.index].host
        guard answer.code == .expired, let clock = answer.clock, !request.isRepeated else {
            return try tell(request.index, .success(answer))
        }
        if warned.insert(host).inserted { Bus.warn(of: "host \(host)", clock: clock, now: request.timestamp) }
        send(request.index, clock, isRepeated: true)
    }

    /// Ends all pending requests to which this applies.
    private func end(_ error: CommandError, _ applies: (Request) -> Bool) throws(CommandError) {
        for (id, request) in pending where applies(requests[request.index]) {
            pending[id] = nil
            try tell(request.index, .failure(error))
        }
    }

    /// Ends the requests whose time is over.
    private func giveUp() throws(CommandError) {
        let now = Instant.now
        for (id, request) in pending where request.deadline <= now {
            pending[id] = nil
            let (host, method) = (requests[request.index].host, requests[request.index].method)
            let hint = method.changesSomething ? "; it may still do what was asked" : ""
            try tell(request.index, .failure(bus.silence(of: "host \(host)", hint: hint)))
        }
    }
}

extension Bus {
    /// Sends one request and waits for its answer. That the broker refuses the request does not fail the bus.
    func outcome(of request: Gathering.Request) throws(CommandError) -> Gathering.Outcome {
        var outcome = Gathering.Outcome.failure(.interrupted)
        try Gathering([request], on: self) { (_, result) in outcome = result }.run()
        return outcome
    }
}
