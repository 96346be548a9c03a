import Cluster
import Model
import TestSupport

/// The random events, the host and the broker.
extension Simulation {
    mutating func takeStep() {
        switch Int.random(in: 0..<47, using: &seed) {
        case 0..<16: deliver(isOrderly: false)
        case 16: if !network.isEmpty { network.remove(at: Int.random(in: network.indices, using: &seed)) }
        case 17: if let packet = network.randomElement(using: &seed) { network.append(packet) }
        case 18..<23: boot()
        case 23..<27: admit()
        case 27: if cluster?.deadline != nil { feed(.deadlinePassed) }
        case 28: die()
        case 29: hostGoes()
        case 30, 31: hostComes()
        case 32: crash()
        case 33..<36: recover()
        case 36: if chance(4), cluster != nil, cluster?.isUnfiled == false { remove() }
        case 37: if chance(2), cluster?.isUnfiled == false { reset() }
        case 38: if chance(6), cluster?.isUnfiled == false { lose() }
        case 39: dieInside()
        case 40: if host.entry?.process == .running { host.entry?.process = .ended }
        case 41: backup = directory
        case 42: if chance(3) { restore() }
        case 43: if chance(3), cluster == nil { forget() }
        case 44: if chance(3) { confirm() }
        default: notice()
        }
    }

    private mutating func restore() {
        guard cluster == nil, let backup else { return }
        trail.append("restore")
        directory = backup
        isOld = true
        // An unfinished removal is undone by the restore.
        if !isRemoved, let file = backup.file { isUnwanted = file.want == .down }
    }

    /// The broker loses the retained state mark, and nothing else.
    private mutating func forget() {
        trail.append("broker forgets")
        brokerSerial = nil
        isOld = true
    }

    /// Confirms the state.
    mutating func confirm() {
        guard var lifecycle = cluster?.lifecycle, cluster?.isUnfiled == false else { return }
        trail.append("confirm")
        directory.isDoubted = false
        let wasHeld = lifecycle.phase == .held
        let actions = lifecycle.confirm()
        cluster?.lifecycle = lifecycle
        cluster?.record.isAdopted = false
        save()
        if wasHeld { (isRemoved, isUnwanted) = (false, false) }
        perform(actions)
    }

    private mutating func remove() {
        inUse = nil
        feed(.remove)
        noteEnd()
    }

    private mutating func reset() {
        if cluster?.lifecycle.phase == .held { (isRemoved, isUnwanted) = (false, false) }
        inUse = nil
        feed(.reset)
    }

    private mutating func lose() {
        guard !host.isUp, !isReady else { return }
        feed(.hostLost)
        noteEnd()
    }

    /// Records that the instance is unwanted, unless pm-cluster was killed before it saved that: the requester then has
    /// to repeat the request.
    private mutating func noteEnd() {
        let isUp = cluster.map { $0.lifecycle.want == .up } ?? (disk?.want == .up && disk?.isCommitted == true)
        if !isUp { isUnwanted = true }
    }

    private mutating func admit() {
        guard cluster?.isQueued == true, cluster?.lifecycle.phase == .queued else { return }
        cluster?.isQueued = false
        guard cluster?.seesHost == true else { return feed(.refused(Failure(.hostOffline, "offline"))) }
        cluster?.record.hasHost = true
        feed(.admitted)
    }

    /// pm-cluster receives the messages of the instance's agent.
    private mutating func notice() {
        let (isReady, session) = (isReady, host.entry?.session)
        guard let manager = cluster else { return }
        cluster?.isReady = isReady
        if manager.isReady != isReady {
            cluster?.session = isReady ? session : nil
            feed(isReady ? .online : .offline)
        } else if isReady {
            cluster?.session = session
            if manager.session != nil, manager.session != session { feed(.online) }
        }
    }

    // MARK: The host

    /// The instance's agent comes online, also after a crash.
    private mutating func boot() {
        guard host.isUp, var entry = host.entry, entry.isAlive, !entry.isOnline else { return }
        entry.isOnline = true
        entry.session += 1
        host.entry = entry
        retained.online = entry.generation
        retained.hasTopics = true
    }

    private mutating func die() {
        guard host.entry?.isOnline == true else { return }
        dieInside()
        trail.append("with its guest")
        host.entry?.process = .unknown
    }

    /// Only the instance's agent dies: its process keeps running, and the next agent knows it.
    private mutating func dieInside() {
        guard host.entry?.isOnline == true else { return }
        trail.append("dies")
        host.entry?.isOnline = false
        retained.online = nil
    }

    private mutating func hostGoes() {
        guard host.isUp else { return }
        trail.append("host goes")
        host.isUp = false
        // Either the host or only its agent goes down.
        if Bool.random(using: &seed) { die() }
        cluster?.seesHost = false
        feed(.hostOffline)
    }

    private mutating func hostComes() {
        guard !host.isUp else { return }
        trail.append("host comes")
        host.isUp = true
        host.answers = [:]
        if chance(10) { host.entry = nil; retained.online = nil }
        guard cluster != nil else { return }
        cluster?.seesHost = true
        feed(.hostOnline)
    }

    mutating func deliver(isOrderly: Bool) {
        guard !network.isEmpty else { return }
        let index = isOrderly ? 0 : Int.random(in: network.indices, using: &seed)
        switch network.remove(at: index) {
        case .answer(let question, let event):
            if cluster?.question == question { feed(event) }
        case .cleared: if cluster?.lifecycle.phase == .clearing { feed(.cleared) }
        case .start(let question, let generation): serve(question) { $0.start(generation) }
        case .inspect(let question):
            guard let record = cluster?.record else { return }
            let outdated = record.replaced.union(directory.ended)
            if host.isUp, host.answers[question] == nil { found[question] = host.entry?.generation }
            serve(question) { $0.inspect(record.generation, outdated: outdated) }
        case .kill(let question):
            // A late kill may hit a newer start.
            if host.isUp, cluster?.question == question, host.entry?.isAlive == true {
                check("killed while in use", host.entry?.generation != inUse || isUnwanted)
            }
            serve(question) { host in
                host.kill()
                return .killed
            }
            if host.entry?.isAlive != true { retained.online = nil }
        case .forget(let question): serve(question) { $0.forget() }
        case .process(let question):
            guard let entry = inside(question) else { return }
            let isKnown = entry.process != .unknown
            let unknown: InstanceLifecycle.Event =
                cluster?.isLearning == true
                ? .processFailed(Failure(.notAllowed, "no process runs in it")) : .processAbsent
            if isKnown { cluster?.isLearning = false }
            network.append(.answer(question: question, isKnown ? .processStarted : unknown))
        case .processStart(let question):
            guard let entry = inside(question) else { return }
            check("process started twice in one guest", entry.process == .unknown)
            host.entry?.process = .running
            network.append(.answer(question: question, .processStarted))
        }
    }

    /// The entry for a request to the instance's agent; nil if the request is lost or out of order.
    private mutating func inside(_ question: Int) -> Entry? {
        guard let entry = host.entry, entry.isOnline, question > entry.lastQuestion else { return nil }
        host.entry?.lastQuestion = question
        return entry
    }

    private mutating func serve(_ question: Int, _ work: (inout Host) -> InstanceLifecycle.Event?) {
        guard host.isUp else { return }
        guard let answer = host.answers[question] ?? work(&host) else { return }
        host.answers[question] = answer
        network.append(.answer(question: question, answer))
    }

    // MARK: The end

    /// Delivers everything without further faults, and checks the final state.
    mutating func settle() {
        trail.append("settles")
        for _ in 0..<400 where broken.isEmpty {
            hostComes()
            recover()
            boot()
            notice()
            admit()
            if !network.isEmpty {
                deliver(isOrderly: true)
            } else if cluster?.lifecycle.phase == .held {
                confirm()
            } else if cluster?.lifecycle.phase == .failed, cluster?.isLearning == true {
                reset()
            } else if cluster?.lifecycle.phase != .running, cluster?.deadline != nil {
                feed(.deadlinePassed)
            }
        }
        guard broken.isEmpty else { return }
        if let lifecycle = cluster?.lifecycle {
            check("neither running nor gone: \(lifecycle)", lifecycle.phase == .running)
            // With an old file, a late start may have started the instance again.
            check("running, and not wanted", lifecycle.want == .up && (!isUnwanted || isOld))
            check(
                "running, and not saved",
                disk?.generation == cluster?.record.generation && disk?.isCommitted == true)
            check("another generation runs", host.entry?.generation == cluster?.record.generation)
            check("does not run", host.entry?.isOnline == true && (host.entry?.process != .unknown) == hasProcess)
        } else {
            check("gone after it was answered with success", !isPromised || isUnwanted || isOld)
            check("file left", disk == nil)
            // An orphan stays until it is adopted or removed.
            if isOld, let entry = host.entry, !directory.ended.contains(entry.generation) { return }
            check("left on the host", host.entry == nil)
            check("topics left", retained == Retained())
        }
    }
}

extension Simulation.Host {
    mutating func start(_ generation: Int) -> InstanceLifecycle.Event {
        if entry?.isAlive == true { return .nameInUse }
        entry = Simulation.Entry(generation: generation)
        return .started
    }

    func inspect(_ generation: Int, outdated: Set<Int>) -> InstanceLifecycle.Event {
        guard let entry else { return .inspected(.absent) }
        guard entry.isAlive else { return .inspected(.ended) }
        if entry.generation == generation { return .inspected(.present) }
        return .inspected(outdated.contains(entry.generation) ? .outdated : .newer)
    }

    mutating func kill() {
        entry?.isAlive = false
        entry?.isOnline = false
        entry?.process = .unknown
    }

    /// Nil if the host refuses because the instance is running.
    mutating func forget() -> InstanceLifecycle.Event? {
        guard entry?.isAlive != true else { return nil }
        entry = nil
        return .forgotten
    }
}
