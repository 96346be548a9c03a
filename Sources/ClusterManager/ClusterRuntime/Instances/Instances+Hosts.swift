import Cluster
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// What the bus says of hosts, and what it means for the nodes and VMs on them and for those that are hosts themselves.
extension Instances {
    private var now: Double { Instant.now.seconds }

    /// - Parameter isOnline: nil when the topic was cleared.
    func status(of host: HostName, isOnline: Bool?) {
        let old = hosts[host]?.presence
        hosts.status(host, isOnline: isOnline, at: now)
        let new = hosts.presence(of: host)
        if old != new || isOnline == true { presenceChanged(host, new) }
    }

    func facts(of host: HostName, _ facts: HostFacts?) {
        hosts.facts(host, facts, at: now)
        ownPresenceChanged(host)
        clearGhost(host)
        admitNext()
    }

    /// - Parameter time: when it was said.
    func load(of host: HostName, _ load: HostLoad, at time: Double?, isRetained: Bool) {
        if !isActing, let time, lastWords.count < Limits.hubHosts { lastWords[host] = time }
        let old = hosts[host]?.presence
        hosts.load(host, load, isRetained: isRetained, at: now)
        if let new = hosts[host]?.presence, new != old { presenceChanged(host, new) }
        guard isActing, let instance = byID[host], instance.isReady, let session = load.session else { return }
        let isNews = instance.session != nil && session != instance.session
        instance.session = session
        // It went and came back, and nobody saw it go.
        if isNews { feed(.online, to: instance) }
    }

    /// The broker is there again, and shows what it retains from now on.
    func connectionLost() {
        hosts.forgetPresence(at: now)
        expectWords()
    }

    /// Gives hosts and agents inside of which the broker has nothing a few seconds to speak up.
    func expectWords() {
        for instance in all + strays.values {
            hosts.expect(instance.id, at: now)
            if let host = instance.record.host { hosts.expect(host, at: now) }
        }
        // Not later than that: requests wait for it.
        loop.after(.seconds(Limits.unknownHost)) { [weak self] in self?.lookForSilence() }
    }

    /// Hosts that say nothing any more are gone, whatever they said.
    func lookForSilence() {
        mendDirectory()
        for host in hosts.takeSilent(at: now) { presenceChanged(host, .offline) }
    }

    private func presenceChanged(_ host: HostName, _ presence: HostTable.Presence) {
        ownPresenceChanged(host)
        clearGhost(host)
        guard isActing, presence != .unknown else { return }
        let affected = (all + strays.values).filter { $0.record.host == host }
        if presence == .online {
            loop.cancel(lostTimers.removeValue(forKey: host))
            noteReturn(of: host)
            for hostedID in hosted.keys where hostedID.host == host { look(at: hostedID) }
        } else if !affected.isEmpty {
            if presence == .offline { Log.note("host \(host) is offline, with \(affected.count) nodes and VMs") }
            expectLoss(of: host)
            lookAgain(withoutHost: host)
        }
        for instance in affected { feed(presence == .online ? .hostOnline : .hostOffline, to: instance) }
        admitNext()
    }

    /// What is retained of a node or a VM of ours that is gone, and that nobody knows any more: its host came and went.
    func clearGhost(_ id: HostName) {
        guard isActing, byID[id] == nil, !store.unreadable.contains(id), let host = hosts[id],
            host.presence == .offline,
            let generation = host.facts?.generation, hasEnded(generation, id),
            !strays.keys.contains(where: { $0.id == id })
        else { return }
        clearTopics(id)
    }

    /// The broker has nothing of it any more. That its topics were cleared may have been missed while the connection was
    /// broken, and its name would stay in use.
    func forgetGhost(_ id: HostName) {
        if byID[id] == nil, hosts[id]?.presence == .offline { hosts.status(id, isOnline: nil, at: now) }
    }

    /// The host may be a node or a VM.
    private func ownPresenceChanged(_ host: HostName) {
        guard isActing, let instance = byID[host] else { return }
        let wasReady = instance.isReady
        refreshReadiness(of: instance)
        guard wasReady != instance.isReady else { return }
        instance.session = nil
        feed(instance.isReady ? .online : .offline, to: instance)
    }

    func refreshReadiness(of instance: Instance) {
        let presence = hosts.presence(of: instance.id)
        guard presence != .unknown else { return }
        instance.isReady =
            presence == .online && hosts[instance.id]?.facts?.generation == instance.record.generation
    }

    /// Gives up what was on a host that stays away.
    func expectLoss(of host: HostName) {
        guard lostTimers[host] == nil else { return }
        if offlineSince.begin(host, at: WallClock.now) { store.save(offlineSince) }
        let seconds = offlineSince.rest(of: host, patience: configuration.hostLostAfter, at: WallClock.now)
        lostTimers[host] = loop.after(.seconds(seconds)) { [weak self] in
            guard let self else { return }
            lostTimers[host] = nil
            noteReturn(of: host)
            // A host's agent may be gone, and its nodes live on.
            for instance in all + strays.values where instance.record.host == host && !instance.isReady {
                Log.note("\(instance.title) is given up: \(host) has been away for too long")
                feed(.hostLost, to: instance)
            }
        }
    }

    /// It is there, or given up: from now on nobody counts.
    func noteReturn(of host: HostName) {
        guard offlineSince.end(host) else { return }
        store.save(offlineSince)
        if hosts[host]?.presence == .online { Log.note("host \(host) is back") }
    }

    // MARK: Processes

    /// What a host says of one of its processes; nil when it has forgotten it.
    func process(_ id: Name, on host: HostName, _ entry: JSON?) {
        if let instance = byID[host], instance.record.processID == id {
            instance.process = InstanceProcess(id: id, pid: entry?["pid"]?.integer.flatMap(Int32.init(exactly:)))
            instance.process?.status = entry.map { InstanceProcessStatus(entry: $0) } ?? InstanceProcessStatus()
            changed(instance)
        }
        guard let hostedName = HostName(id.description) else { return }
        if let instance = byID[hostedName], instance.record.host == host {
            noteStatus(of: instance, entry)
            if let entry { look(at: instance, entry) }
        }
        let hostedID = HostedID(host: host, id: hostedName)
        guard let kind = entry?["driver"]?.string.flatMap(InstanceKind.init(driver:)) else {
            hosted[hostedID] = nil
            hostedMemory[hostedID] = nil
            foreign.remove(hostedID)
            if orphans[hostedID]?.isSighted == true { orphans[hostedID] = nil }
            return
        }
        guard hosted[hostedID] != nil || hosted.count < Limits.instances else { return }
        hosted[hostedID] = kind
        hostedMemory[hostedID] = entry.flatMap(Self.memory)
        look(at: hostedID)
    }

    /// How the node's or VM's own process is.
    private func noteStatus(of instance: Instance, _ entry: JSON?) {
        let status = entry.map { InstanceProcessStatus(entry: $0) } ?? InstanceProcessStatus()
        guard status != instance.hostStatus else { return }
        instance.hostStatus = status
        changed(instance)
    }

    /// Bytes that a VM may take, unless it has ended.
    private static func memory(_ entry: JSON) -> Int? {
        let state = entry["state"]?.string
        if state == ProcessState.exited.rawValue || state == ProcessState.failed.rawValue { return nil }
        return VMSpec(entry: entry).map { $0.footprint << 20 }
    }

    /// What ends again and again while it is awaited need not be waited for any longer: its host knows why it ends.
    private func look(at instance: Instance, _ entry: JSON) {
        let phase = instance.lifecycle.phase
        guard isActing, phase == .booting || phase == .down, !instance.isReady else { return }
        let isHopeless =
            entry["state"]?.string == ProcessState.failed.rawValue
            || entry["state"]?.string == ProcessState.backoff.rawValue && entry["restarts"]?.integer ?? 0 > 0
        guard isHopeless else { return }
        askWhy(instance) { [weak self] reason in
            guard let self, instance.lifecycle.phase == phase else { return }
            let failure = Failure(.internal, "it does not stay up\(reason.map { ": \($0)" } ?? "")")
            if phase == .booting { return feed(.startFailed(failure), to: instance) }
            instance.trouble = failure
            changed(instance)
        }
    }
}
