import Glibc
import TestSupport

/// Nodes that come and go through pm-cluster on a host of their own: a smaller load, whose model knows of each node only
/// whether it should be there.
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
        /// A fault has come between.
        case unknown
    }

    struct Pending {
        let verb: Verb
        let id: String
        let sentAt: ContinuousClock.Instant
        /// How many faults there had been.
        let faults: Int
        /// Whether it was known if the node is there.
        let isSure: Bool
    }

    let broker: Broker
    let cluster: ClusterProcess
    let nodeHost: AgentProcess
    /// pm-cluster's way to the broker, and its host's and its nodes'.
    let proxies: [Proxy]
    var client: TestClient
    /// What should be there of each node.
    var expected: [String: Expectation]
    /// Open descriptors of pm-cluster before all.
    var clusterFiles = 0
    var pending: [String: Pending] = [:]
    var answered: [String: [UInt8]] = [:]
    var faults = 0
    var counts = Tally()
    /// The latest fault after which nobody has been heard yet.
    var isDisturbed = true
    /// Who was asked after the fault can say that it is over.
    private var probes: Set<String> = []
    private var disturbedAt = ContinuousClock.now
    private var probedAt = ContinuousClock.now
    private var knownCuts = 0
    private var lastNumber = 0
    let names = (0..<5).map { "node\($0)" }
    private let folder: TemporaryFolder
    let violate: (String) -> Void

    /// A node may take this long to be up (`boot_timeout`), behind others.
    static let patience = Duration.seconds(90)
    /// After pm-cluster is there again, an answer that has not come by then was swallowed.
    static let lateness = Duration.seconds(30)
    /// How long a fault may be the reason of a refusal: a host's way back to the broker takes half a minute at most.
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

    // MARK: Asking

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

    // MARK: Hearing

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
        // pm-cluster may be there long before the nodes' host is, and a removed node's last will may come late.
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
