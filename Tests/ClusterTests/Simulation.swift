import Cluster
import Model
import TestSupport

/// Simulates one node or VM with random faults: pm-cluster and its disk, a host, the instance's agent, and a broker
/// that loses, duplicates and delays messages. All but the disk can be killed at any point.
///
/// ``live(events:)`` takes random steps, then lets everything settle, and returns the rules that were broken. The
/// lifecycle is the real one; `perform` does what `Instances` does in pm-cluster. `Simulation+World` has the steps.
struct Simulation {
    var seed: Seed
    let hasProcess: Bool

    /// The memory of pm-cluster; nil while it does not run.
    var cluster: Manager?
    var directory = Directory()
    var disk: Kept? {
        get { directory.file }
        set { directory.file = newValue }
    }
    var backup: Directory?
    /// The number of the last change that the broker retains.
    var brokerSerial: Int?
    /// Generations that the host reported, by request.
    var found: [Int: Int] = [:]
    /// Whether a backup was restored or the broker has lost the state mark, so that an operator has to decide.
    var isOld = false
    /// Whether it has been removed, and no state with it was confirmed since.
    var isRemoved = false
    /// The generation that was answered with success and was not ended by a request since.
    var inUse: Int?
    var host = Host()
    /// Messages that are not delivered yet. Any of them may come next, or never.
    var network: [Packet] = []
    /// The retained topics of the instance and of pm-cluster.
    var retained = Retained()

    /// The answers to the creation: success or not.
    var created: [Bool] = []
    var trail: [String] = []
    var broken: [String] = []
    /// Whether its creation was answered with success, and whether it became unwanted.
    var isPromised = false
    var isUnwanted = false
    var lastGeneration = 0
    var seen: Set<InstanceLifecycle.Phase> = []

    struct Manager {
        var lifecycle: InstanceLifecycle
        var record: Kept
        /// The number of the last request. Answers to earlier ones are ignored.
        var question = 0
        var lastPacket: Packet?
        var deadline: InstanceLifecycle.Deadline?
        var isQueued = false
        var isReady = false
        /// The session of the instance's agent, from its health.
        var session: Int?
        /// Whether pm-cluster considers the host online.
        var seesHost = false
        var isUnfiled = false
        /// Whether the process has to be learned from the instance's agent.
        var isLearning = false
    }

    struct Host {
        var isUp = true
        /// What it runs or has files of under this name.
        var entry: Entry?
        /// Its answers, by request: a duplicate gets the same answer.
        var answers: [Int: InstanceLifecycle.Event] = [:]
    }

    struct Entry {
        var generation: Int
        var isAlive = true
        /// Whether the instance's agent is online.
        var isOnline = false
        /// A new number after each start of the instance's agent.
        var session = 0
        /// What the agent knows of its process, until the guest ends.
        var process = Process.unknown
        /// The last request that the agent has received. Requests arrive in the order of sending, or never.
        var lastQuestion = 0
    }

    // swift-format-ignore: AlwaysUseLowerCamelCase
    enum Process { case unknown, running, ended }

    struct Retained: Equatable {
        /// The generation with the status `online`.
        var online: Int?
        var hasTopics = false
        var hasState = false
    }

    enum Packet: Equatable {
        case start(question: Int, generation: Int)
        case inspect(question: Int)
        case kill(question: Int)
        case forget(question: Int)
        case process(question: Int)
        case processStart(question: Int)
        case answer(question: Int, InstanceLifecycle.Event)
        case cleared
    }

    init(_ seed: Seed) {
        var seed = seed
        hasProcess = Bool.random(using: &seed)
        self.seed = seed
        let (lifecycle, actions) = InstanceLifecycle.create(hasProcess: hasProcess)
        cluster = Manager(lifecycle: lifecycle, record: Kept())
        cluster?.seesHost = true
        lastGeneration = 1
        perform(actions)
    }

    mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &seed) == 0 }
    mutating func check(_ rule: String, _ holds: Bool) { if !holds { broken.append(rule) } }

    /// - Returns: the broken rules and the last events; nil if no rule was broken.
    mutating func live(events: Int) -> String? {
        for _ in 0..<events where broken.isEmpty { takeStep() }
        if broken.isEmpty { settle() }
        return broken.isEmpty ? nil : "\(broken) hasProcess \(hasProcess), after \(trail.suffix(25)), \(self.state)"
    }

    private var state: String {
        "\(cluster.map { "\($0.lifecycle) \($0.record)" } ?? "dead") \(host) \(retained) \(network)"
    }

    // MARK: pm-cluster

    mutating func feed(_ event: InstanceLifecycle.Event) {
        guard var lifecycle = cluster?.lifecycle else { return }
        trail.append("\(event)")
        let actions = lifecycle.handle(event)
        cluster?.lifecycle = lifecycle
        seen.insert(lifecycle.phase)
        perform(actions)
        guard let cluster, cluster.lifecycle.phase == .running else { return }
        inUse = cluster.record.generation
        brokerSerial = directory.serial
    }

    mutating func perform(_ actions: [InstanceLifecycle.Action]) {
        var next: [InstanceLifecycle.Event] = []
        for action in actions {
            guard cluster != nil else { return }
            // pm-cluster is killed between two actions.
            if chance(400) { return crash() }
            perform(action, &next)
        }
        for event in next { feed(event) }
    }

    private mutating func perform(_ action: InstanceLifecycle.Action, _ next: inout [InstanceLifecycle.Event]) {
        switch action {
        case .queue: cluster?.isQueued = true
        case .askStart:
            check("started again after its removal", !isRemoved)
            ask { .start(question: $0, generation: $1) }
        case .askInspect: ask { question, _ in .inspect(question: question) }
        case .askKill: ask { question, _ in .kill(question: question) }
        case .askForget: ask { question, _ in .forget(question: question) }
        case .askProcess: ask(always: true) { question, _ in .process(question: question) }
        case .askProcessStart: ask(always: true) { question, _ in .processStart(question: question) }
        case .askAgain: if let packet = cluster?.lastPacket { network.append(packet) }
        case .awaitOnline:
            let isReady = isReady
            cluster?.isReady = isReady
            cluster?.session = isReady ? host.entry?.session : nil
            if isReady { next.append(.online) }
        case .clear:
            brokerSerial = directory.serial
            retained.hasTopics = false
            retained.hasState = false
            network.append(.cleared)
        case .clearState:
            retained.hasState = false
            network.append(.cleared)
        case .save: save()
        case .adopt:
            guard let question = cluster?.question, let generation = found[question] else { return }
            cluster?.record.generation = generation
            cluster?.record.isAdopted = true
            cluster?.isLearning = hasProcess
        case .renew:
            if let generation = cluster?.record.generation { cluster?.record.replaced.insert(generation) }
            cluster?.record.isAdopted = false
            cluster?.isLearning = false
            lastGeneration += 1
            cluster?.record.generation = lastGeneration
            cluster?.isReady = false
        case .drop:
            let wasUnfiled = cluster?.isUnfiled == true
            if let record = cluster?.record, cluster?.lifecycle.isForeign == false {
                directory.ended.formUnion(record.replaced.union([record.generation]))
                directory.serial += 1
            }
            cluster = nil
            disk = nil
            // An instance that was given up with its host may come back.
            isRemoved = isUnwanted && host.entry == nil
            trail.append(wasUnfiled ? "unfiled gone" : "gone")
        case .answerCreate(let failure): answer(failure)
        case .answerReset, .answerRemove: brokerSerial = directory.serial
        case .note: break
        case .await(let deadline): cluster?.deadline = deadline
        case .cancelDeadline: cluster?.deadline = nil
        }
    }

    private mutating func answer(_ failure: Failure?) {
        brokerSerial = directory.serial
        if isOld { return }
        created.append(failure == nil)
        check("answered twice", created.count <= 1)
        if failure == nil {
            isPromised = true
            check("answered with success, and not saved", disk?.isCommitted == true)
        }
    }

    mutating func save() {
        guard let cluster, !cluster.isUnfiled else { return }
        directory.serial += 1
        var kept = cluster.record
        kept.want = cluster.lifecycle.want
        kept.isCommitted = cluster.lifecycle.isCommitted
        kept.isMismatched = cluster.lifecycle.isMismatched
        disk = kept
        retained.hasState = true
    }

    private mutating func ask(always: Bool = false, _ packet: (Int, Int) -> Packet) {
        guard var manager = cluster else { return }
        questions += 1
        manager.question = questions
        let asked = packet(questions, manager.record.generation)
        manager.lastPacket = asked
        if always || manager.seesHost { network.append(asked) }
        cluster = manager
    }

    var questions = 0

    /// Whether the retained status shows the instance's agent online with the current generation.
    var isReady: Bool { retained.online != nil && retained.online == cluster?.record.generation }

    mutating func crash() {
        trail.append("crash")
        cluster = nil
    }

    mutating func recover() {
        guard cluster == nil else { return }
        if let brokerSerial, brokerSerial > directory.serial {
            directory.serial = brokerSerial + 1
            directory.isDoubted = true
        }
        let isMismatched = directory.isDoubted || brokerSerial == nil || disk?.isMismatched == true
        brokerSerial = directory.serial
        if let disk {
            trail.append(isMismatched ? "recover in doubt" : "recover")
            let (lifecycle, actions) = InstanceLifecycle.recover(
                want: disk.want, isCommitted: disk.isCommitted, hasHost: disk.hasHost, hasProcess: hasProcess,
                isMismatched: isMismatched)
            cluster = Manager(lifecycle: lifecycle, record: disk)
            self.disk?.isMismatched = isMismatched
            cluster?.isLearning = disk.isAdopted && hasProcess
            // An unanswered creation is answered as failed now.
            if !disk.isCommitted, disk.want == .up, !isRemoved { isUnwanted = !isMismatched }
            cluster?.seesHost = host.isUp
            let isReady = isReady
            cluster?.isReady = isReady
            cluster?.session = isReady ? host.entry?.session : nil
            perform(actions)
        } else if host.isUp, let entry = host.entry {
            // An orphan is left alone until it is adopted or removed.
            guard directory.ended.contains(entry.generation) else { return check("an unexpected orphan", isOld) }
            trail.append("unfiled")
            let (lifecycle, actions) = InstanceLifecycle.recover(
                want: .down, isCommitted: false, hasHost: true, hasProcess: hasProcess)
            cluster = Manager(lifecycle: lifecycle, record: Kept(generation: entry.generation))
            cluster?.isUnfiled = true
            cluster?.seesHost = true
            perform(actions)
        } else if host.isUp, retained.online == nil {
            // Topics without a file and without an online agent are cleared.
            retained.hasTopics = false
            retained.hasState = false
        }
    }
}
