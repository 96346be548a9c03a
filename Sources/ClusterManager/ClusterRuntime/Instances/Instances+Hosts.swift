import Cluster
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Handles messages about hosts: their effect on the instances that run there, and on the instance that is this host.
extension Instances {
    private var now: Double { Instant.now.seconds }

    /// - Parameter isOnline: nil if the topic was cleared.
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

    /// - Parameter time: when the host published it, in seconds since the epoch.
    func load(of host: HostName, _ load: HostLoad, at time: Double?, isRetained: Bool) {
        if !leadership.isActing, let time, lastWords.count < Limits.hubHosts { lastWords[host] = time }
        let old = hosts[host]?.presence
        hosts.load(host, load, isRetained: isRetained, at: now)
        if let new = hosts[host]?.presence, new != old { presenceChanged(host, new) }
        guard leadership.isActing, let instance = byID[host], instance.isReady, let session = load.session else {
            return
        }
        let isNews = instance.session != nil && session != instance.session
        instance.session = session
        // The agent was restarted, and its absence was not noticed.
        if isNews { feed(.online, to: instance) }
    }

    /// Called after a reconnect, before the broker sends what it retains.
    func connectionLost() {
        hosts.forgetPresence(at: now)
        expectWords()
    }

    /// Gives hosts and instances' agents of which the broker retains nothing `Limits.unknownHost` seconds to publish.
    func expectWords() {
        for instance in all + strays.values {
            hosts.expect(instance.id, at: now)
            if let host = instance.record.host { hosts.expect(host, at: now) }
        }
        // Checked exactly then, as requests wait for the result.
        loop.after(.seconds(Limits.unknownHost)) { [weak self] in self?.lookForSilence() }
    }

    /// Treats hosts as offline that have been silent for too long, even if their status says `online`.
    func lookForSilence() {
        mendDirectory()
        for host in hosts.takeSilent(at: now) { presenceChanged(host, .offline) }
    }

    private func presenceChanged(_ host: HostName, _ presence: HostTable.Presence) {
        ownPresenceChanged(host)
        clearGhost(host)
        guard leadership.isActing, presence != .unknown else { return }
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

    /// Clears the topics of a removed node or VM that was online again for a while, as when its host came back.
    func clearGhost(_ id: HostName) {
        guard leadership.isActing, byID[id] == nil, !store.unreadable.contains(id), let host = hosts[id],
            host.presence == .offline,
            let generation = host.facts?.generation, hasEnded(generation, id),
            !strays.keys.contains(where: { $0.id == id })
        else { return }
        clearTopics(id)
    }

    /// Called when the broker retains nothing of a name any more. Removes the host from the table: if the clearing was
    /// missed during an outage, the name would stay in use.
    func forgetGhost(_ id: HostName) {
        if byID[id] == nil, hosts[id]?.presence == .offline { hosts.status(id, isOnline: nil, at: now) }
    }

    /// Updates the instance that is this host, if there is one.
    private func ownPresenceChanged(_ host: HostName) {
        guard leadership.isActing, let instance = byID[host] else { return }
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

    /// Starts the time until the instances of an offline host are given up.
    func expectLoss(of host: HostName) {
        guard lostTimers[host] == nil else { return }
        if offlineSince.begin(host, at: WallClock.now) { store.save(offlineSince) }
        let seconds = offlineSince.rest(of: host, patience: configuration.hostLostAfter, at: WallClock.now)
        lostTimers[host] = loop.after(.seconds(seconds)) { [weak self] in
            guard let self else { return }
            lostTimers[host] = nil
            noteReturn(of: host)
            // Nodes outlive their host's agent: an instance is kept while its own agent is online.
            for instance in all + strays.values where instance.record.host == host && !instance.isReady {
                Log.note("\(instance.title) is given up: \(host) was offline for too long")
                feed(.hostLost, to: instance)
            }
        }
    }

    /// Ends the recorded absence of a host that is online again or given up.
    func noteReturn(of host: HostName) {
        guard offlineSince.end(host) else { return }
        store.save(offlineSince)
        if hosts[host]?.presence == .online { Log.note("host \(host) is online again") }
    }

    // MARK: Processes

    /// Takes a message from a process topic.
    ///
    /// - Parameter entry: nil if the topic was cleared, because the host no longer knows the process.
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

    /// Stores the status of the instance's own process on its host.
    private func noteStatus(of instance: Instance, _ entry: JSON?) {
        let status = entry.map { InstanceProcessStatus(entry: $0) } ?? InstanceProcessStatus()
        guard status != instance.hostStatus else { return }
        instance.hostStatus = status
        changed(instance)
    }

    /// Bytes that a VM may use; nil if it has ended.
    private static func memory(_ entry: JSON) -> Int? {
        let state = entry["state"]?.string
        if state == ProcessState.exited.rawValue || state == ProcessState.failed.rawValue { return nil }
        return VMSpec(entry: entry).map { $0.footprint << 20 }
    }

    /// Stops waiting for an instance that its host keeps restarting, and reads the reason from its log.
    private func look(at instance: Instance, _ entry: JSON) {
        let phase = instance.lifecycle.phase
        guard leadership.isActing, phase == .booting || phase == .down, !instance.isReady else { return }
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
