import Glibc
import TestSupport

/// A random load on pm-cluster: nodes are created, reset and removed on a host of their own, `shelf`.
///
/// ``Chaos`` calls ``act(_:)`` and ``begin(_:_:)`` at random, ``tick()`` often and ``check()`` at checkpoints. The
/// model has one ``Expectation`` per node. Each fault disturbs the load until a request that was sent after it is
/// answered. Around a fault, a request may be refused or swallowed; the expectation is then `unknown` until the next
/// check.
@MainActor
final class NodeLoad {
    enum Verb: String, CaseIterable, Sendable {
        case create = "create_node"
        case remove = "remove_node"
        case reset = "reset_node"
        case run = "run_process_on_node"
    }

    enum Expectation {
        case present, absent
        /// A fault makes it unknown whether the node exists.
        case unknown
    }

    struct Pending {
        let verb: Verb
        let id: String
        let sentAt: ContinuousClock.Instant
        /// The number of faults before it; -1 if it was sent while a fault lasted.
        let faults: Int
        /// Whether the model knew if the node exists.
        let isSure: Bool
    }

    let broker: Broker
    let cluster: ClusterProcess
    let nodeHost: AgentProcess
    /// The proxies to the broker: of pm-cluster, and of the host and its nodes.
    let proxies: [Proxy]
    var client: TestClient
    /// The expectation for each node.
    var expected: [String: Expectation]
    /// The number of open files of pm-cluster before the load.
    var clusterFiles = 0
    var pending: [String: Pending] = [:]
    var answered: [String: [UInt8]] = [:]
    var faults = 0
    var counts = Tally()
    /// Whether no answer has arrived yet to a request that was sent after the latest fault.
    var isDisturbed = true
    /// Response topics of requests that were sent after the fault: an answer there ends it.
    private var probes: Set<String> = []
    private var disturbedAt = ContinuousClock.now
    private var probedAt = ContinuousClock.now
    private var knownCuts = 0
    private var lastNumber = 0
    let names = (0..<5).map { "node\($0)" }
    private let folder: TemporaryFolder
    let violate: (String) -> Void

    /// The maximum time until a node is up (`boot_timeout`), including the time that it waits for others.
    static let patience = Duration.seconds(90)
    /// The time after a fault after which a missing answer counts as swallowed.
    static let lateness = Duration.seconds(30)
    /// How long a fault may explain a refusal: a host reconnects to the broker within half a minute.
    private static let aftermath = Duration.seconds(45)
    static let replies = "pm/reply/nodes/"

    init(on broker: Broker, _ violate: @escaping (String) -> Void) async throws {
        self.broker = broker
        self.violate = violate
        folder = try TemporaryFolder()
        proxies = try ["c", "s"].map { [folder] in try Proxy(at: "\(folder.path)/\($0).sock", to: broker.socket) }
        cluster = try ClusterProcess(url: proxies[0].url)
        nodeHost = try AgentProcess(.init(host: "shelf", configuration: #"{"stop_grace":1}"#), url: proxies[1].url)
        client = try await TestClient(broker)
        expected = Dictionary(uniqueKeysWithValues: names.map { ($0, .absent) })
        try await subscribe()
    }

    func reconnect() async throws {
        client = try await TestClient(broker)
        try await subscribe()
    }

    private func subscribe() async throws { try await client.subscribe("\(Self.replies)+") }

    // MARK: Requests

    func act(_ number: Int) throws {
        let id = names[number % names.count]
        guard !pending.values.contains(where: { $0.id == id }) else { return }
        let choices: [Verb] =
            switch expected[id] ?? .unknown {
            case .present: [.run, .run, .reset, .remove]
            case .absent: [.create]
            case .unknown: [.create, .remove, .run]
            }
        let verb = choices[number / names.count % choices.count]
        let config =
            verb == .run ? #","config":{"command":"sleep 100000"}"# : verb == .create ? #","host":"shelf""# : ""
        counts.requests += 1
        let topic = try send(#"{"method":"\#(verb.rawValue)","args":{"node_id":"\#(id)"\#(config)}}"#)
        pending[topic] = Pending(
            verb: verb, id: id, sentAt: .now, faults: isDisturbed ? -1 : faults,
            isSure: expected[id] != .unknown)
    }

    private func send(_ text: String) throws -> String {
        lastNumber += 1
        let topic = "\(Self.replies)\(lastNumber)"
        try client.send(
            "pm/cluster/node/control", Array(text.utf8), qos: 1, properties: .init(responseTopic: topic))
        return topic
    }

    // MARK: Answers

    func noteFault() {
        faults += 1
        isDisturbed = true
        disturbedAt = .now
        probes = []
    }

    func tick() throws {
        let cuts = proxies.reduce(0) { $0 + $1.cuts }
        if cuts != knownCuts { noteFault() }
        knownCuts = cuts
        for message in client.takeAll() { try hear(message) }
        if isDisturbed, ContinuousClock.now - probedAt > .milliseconds(500) {
            probedAt = .now
            probes.insert(try send(#"{"method":"get_nodes"}"#))
        }
        for (topic, request) in pending { giveUp(topic, request) }
    }

    private func hear(_ message: Message) throws {
        if probes.contains(message.topic) {
            isDisturbed = false
            return
        }
        guard let request = pending.removeValue(forKey: message.topic) else {
            guard let first = answered[message.topic] else { return }
            counts.repeated += 1
            if first != message.payload {
                counts.doubled += 1
                violate("pm-cluster answered twice: \(message)")
            }
            return
        }
        answered[message.topic] = message.payload
        counts.answers += 1
        let result = try message.value["result"]
        let isDone = result?["status"] == "success"
        let code = result?["error"]?["code"]?.string ?? ""
        // pm-cluster may be back long before the nodes' host, and the last will of a removed node may come late.
        let isDoubted = !request.isSure && ["name_in_use", "no_such_node"].contains(code)
        let isExcused = isDoubted || .now - disturbedAt < Self.aftermath
        if !isDone, !isExcused { violate("\(request.verb.rawValue) of \(request.id) failed: \(message.text)") }
        if !isDone { counts.refused += 1 }
        switch (request.verb, isDone) {
        case (.create, true): expected[request.id] = .present
        case (.remove, true): expected[request.id] = .absent
        case (.create, false), (.remove, false), (.reset, false): expected[request.id] = .unknown
        case (.reset, true), (.run, _): break
        }
    }

    private func giveUp(_ topic: String, _ request: Pending) {
        let isExcused = request.faults != faults
        let patience = isExcused && !isDisturbed ? Self.lateness : Self.patience
        guard ContinuousClock.now - request.sentAt > patience else { return }
        pending[topic] = nil
        expected[request.id] = .unknown
        if isExcused { return counts.unanswered += 1 }
        counts.lost += 1
        violate("no answer to \(request.verb.rawValue) of \(request.id)")
    }
}
