import Cluster
import Model
import TestSupport

/// The host, the broker and fate.
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
        case 36: if chance(4), cluster != nil, cluster?.isStray == false { remove() }
        case 37: if chance(2), cluster?.isStray == false { reset() }
        case 38: if chance(6), cluster?.isStray == false { lose() }
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
        // A removal that had not come to its end has not been asked for.
        if !isRemoved, let file = backup.file { isUnwanted = file.want == .down }
    }

    /// The broker, and only what it knows of the directory.
    private mutating func forget() {
        trail.append("broker forgets")
        brokerSerial = nil
        isOld = true
    }

    /// Somebody says that the file is right.
    mutating func confirm() {
        guard var lifecycle = cluster?.lifecycle, cluster?.isStray == false else { return }
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

    /// Killed before its removal was written down, it is for whoever asked to ask again.
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

    /// pm-cluster sees what has become of the agent inside.
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

    /// The agent inside comes up, after a crash of its own as well.
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

    /// Only the agent inside: its process lives on, and the next one knows of it.
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
        // With the machine, all goes; without it, only the agent.
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
            // One that is late may meet what was started since.
            if host.isUp, cluster?.question == question, host.entry?.isAlive == true {
                check("in use, and ended", host.entry?.generation != inUse || isUnwanted)
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
                ? .processFailed(Failure(.notAllowed, "nothing runs in it")) : .processAbsent
            if isKnown { cluster?.isLearning = false }
            network.append(.answer(question: question, isKnown ? .processStarted : unknown))
        case .processStart(let question):
            guard let entry = inside(question) else { return }
            check("run twice in one guest", entry.process == .unknown)
            host.entry?.process = .running
            network.append(.answer(question: question, .processStarted))
        }
    }

    /// What the agent inside is asked; nil when it does not hear of it, or has heard of something later.
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

    /// Nothing goes wrong any more: all comes to its end.
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
            check("neither there nor gone: \(lifecycle)", lifecycle.phase == .running)
            // A start that was late may have brought back what an old file tells of.
            check("there, and not wanted", lifecycle.want == .up && (!isUnwanted || isOld))
            check(
                "there, and not on the disk",
                disk?.generation == cluster?.record.generation && disk?.isCommitted == true)
            check("not what was asked for runs", host.entry?.generation == cluster?.record.generation)
            check("does not run", host.entry?.isOnline == true && (host.entry?.process != .unknown) == hasProcess)
        } else {
            check("gone, though promised", !isPromised || isUnwanted || isOld)
            check("left on the disk", disk == nil)
            // An orphan is for somebody to adopt or remove.
            if isOld, let entry = host.entry, !directory.ended.contains(entry.generation) { return }
            check("left on the host", host.entry == nil)
            check("left with the broker", retained == Retained())
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

    /// Nil when it refuses, because something lives.
    mutating func forget() -> InstanceLifecycle.Event? {
        guard entry?.isAlive != true else { return nil }
        entry = nil
        return .forgotten
    }
}
