import Cluster
import Model
import TestSupport

/// One node or VM in a world where everything can go wrong: pm-cluster, its disk, a host, the agent inside and a broker that
/// loses, doubles and delays. All but the disk can be killed at any point.
struct Simulation {
    var seed: Seed
    let hasProcess: Bool

    /// What pm-cluster knows; nil while it is dead.
    var cluster: Manager?
    var directory = Directory()
    var disk: Kept? {
        get { directory.file }
        set { directory.file = newValue }
    }
    var backup: Directory?
    /// What the broker knows of the directory.
    var brokerSerial: Int?
    /// Generations that the host told of, by question.
    var found: [Int: Int] = [:]
    /// Whether a backup was restored, or the broker has forgotten, so that its end may be up to somebody.
    var isOld = false
    /// Whether it has been removed, and nobody has confirmed a state with it since.
    var isRemoved = false
    /// The generation that somebody has been told of and has not ended since.
    var inUse: Int?
    var host = Host()
    /// What is on its way; any of it may come next, or never.
    var network: [Packet] = []
    /// The states that are retained, of the instance itself and of pm-cluster.
    var retained = Retained()

    /// What was answered.
    var created: [Bool] = []
    var trail: [String] = []
    var broken: [String] = []
    /// Whether somebody has been told that it runs, and whether it is wanted since.
    var isPromised = false
    var isUnwanted = false
    var lastGeneration = 0
    var seen: Set<InstanceLifecycle.Phase> = []

    struct Manager {
        var lifecycle: InstanceLifecycle
        var record: Kept
        /// Tells the answer to this question from that to an earlier one.
        var question = 0
        var lastPacket: Packet?
        var deadline: InstanceLifecycle.Deadline?
        var isQueued = false
        var isReady = false
        /// Of the agent inside, as its health told it.
        var session: Int?
        /// Whether the host is known to be there.
        var seesHost = false
        var isStray = false
        /// Whether the agent inside is to tell what its process is.
        var isLearning = false
    }

    struct Host {
        var isUp = true
        /// What it runs under this name; its files are there as long as it knows of it.
        var entry: Entry?
        /// What it has answered, by question: the same again is answered again.
        var answers: [Int: InstanceLifecycle.Event] = [:]
    }

    struct Entry {
        var generation: Int
        var isAlive = true
        /// Whether the agent inside is there.
        var isOnline = false
        /// Another one after each start of the agent inside.
        var session = 0
        /// What it knows of its process, until the guest ends.
        var process = Process.unknown
        /// What it is asked comes in the order in which it was sent, if at all.
        var lastQuestion = 0
    }

    // swift-format-ignore: AlwaysUseLowerCamelCase
    enum Process { case unknown, running, ended }

    struct Retained: Equatable {
        /// The generation that says `online`.
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

    /// - Returns: the rules that were broken, with what had happened last.
    mutating func live(events: Int) -> String? {
        for _ in 0..<events where broken.isEmpty { takeStep() }
        if broken.isEmpty { settle() }
        return broken.isEmpty ? nil : "\(broken) hasProcess \(hasProcess), after \(trail.suffix(25)), \(self.state)"
    }

    private var state: String {
        "\(cluster.map { "\($0.lifecycle) \($0.record)" } ?? "dead") \(host) \(retained) \(network)"
    }

    // MARK: What pm-cluster does

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
            // Killed in the middle of it.
            if chance(400) { return crash() }
            perform(action, &next)
        }
        for event in next { feed(event) }
    }

    private mutating func perform(_ action: InstanceLifecycle.Action, _ next: inout [InstanceLifecycle.Event]) {
        switch action {
        case .queue: cluster?.isQueued = true
        case .askStart:
            check("removed, and started again", !isRemoved)
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
            let wasStray = cluster?.isStray == true
            if let record = cluster?.record, cluster?.lifecycle.isForeign == false {
                directory.ended.formUnion(record.replaced.union([record.generation]))
                directory.serial += 1
            }
            cluster = nil
            disk = nil
            // What is given up with its host may be there again.
            isRemoved = isUnwanted && host.entry == nil
            trail.append(wasStray ? "stray gone" : "gone")
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
            check("promised, and not written down", disk?.isCommitted == true)
        }
    }

    mutating func save() {
        guard let cluster, !cluster.isStray else { return }
        directory.serial += 1
        var kept = cluster.record
        kept.want = cluster.lifecycle.want
        kept.isCommitted = cluster.lifecycle.isCommitted
        kept.isDoubtful = cluster.lifecycle.isDoubtful
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

    /// Whether the agent inside is seen to be there.
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
        let isDoubtful = directory.isDoubted || brokerSerial == nil || disk?.isDoubtful == true
        brokerSerial = directory.serial
        if let disk {
            trail.append(isDoubtful ? "recover in doubt" : "recover")
            let (lifecycle, actions) = InstanceLifecycle.recover(
                want: disk.want, isCommitted: disk.isCommitted, hasHost: disk.hasHost, hasProcess: hasProcess,
                isDoubtful: isDoubtful)
            cluster = Manager(lifecycle: lifecycle, record: disk)
            self.disk?.isDoubtful = isDoubtful
            cluster?.isLearning = disk.isAdopted && hasProcess
            // Whoever was not told yet is told now.
            if !disk.isCommitted, disk.want == .up, !isRemoved { isUnwanted = !isDoubtful }
            cluster?.seesHost = host.isUp
            let isReady = isReady
            cluster?.isReady = isReady
            cluster?.session = isReady ? host.entry?.session : nil
            perform(actions)
        } else if host.isUp, let entry = host.entry {
            // Left alone until somebody says what is to become of it.
            guard directory.ended.contains(entry.generation) else { return check("an orphan", isOld) }
            trail.append("stray")
            let (lifecycle, actions) = InstanceLifecycle.recover(
                want: .down, isCommitted: false, hasHost: true, hasProcess: hasProcess)
            cluster = Manager(lifecycle: lifecycle, record: Kept(generation: entry.generation))
            cluster?.isStray = true
            cluster?.seesHost = true
            perform(actions)
        } else if host.isUp, retained.online == nil {
            // What nobody knows, and nobody speaks for, is cleared.
            retained.hasTopics = false
            retained.hasState = false
        }
    }
}
