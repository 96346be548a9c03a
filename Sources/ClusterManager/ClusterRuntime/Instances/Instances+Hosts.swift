import Cluster
import JSONCodec
import LinuxSystem
import Model
import ServiceSupport
import Wire

/// Handles messages about hosts: their effect on the instances that run there, and on the instance that is this host.
extension Instances {
    /// - Parameter isOnline: nil if the topic was cleared.
    func status(of host: HostName, isOnline: Bool?) {
        if let presence = hosts.status(of: host, isOnline: isOnline) { presenceChanged(host, presence) }
        retained.noteHealth()
    }

    func facts(of host: HostName, _ facts: HostFacts?) {
        hosts.facts(of: host, facts)
        ownPresenceChanged(host)
        clearGhost(host)
        admitNext()
        retained.noteHealth()
    }

    /// - Parameter time: when the host published it, in seconds since the epoch.
    func load(of host: HostName, _ load: HostLoad, at time: Double?, isRetained: Bool) {
        if !leadership.isActing, let time { absences.heard(host, at: time) }
        let wasInConflict = hosts[host]?.isInConflict
        if let presence = hosts.load(of: host, load, isRetained: isRetained) { presenceChanged(host, presence) }
        if hosts[host]?.isInConflict != wasInConflict { retained.noteHealth() }
        guard leadership.isActing, let instance = store[host], let session = load.session else { return }
        // The agent was restarted, and its absence was not noticed.
        if instance.takeSession(session) { feed(.online, to: instance) }
    }

    /// Called after a reconnect, before the broker sends what it retains.
    func connectionLost() {
        mismatches.connected()
        hosts.connectionLost()
        expectWords()
    }

    /// Gives hosts and instances' agents of which the broker retains nothing `Limits.unknownHost` seconds to publish.
    func expectWords() {
        for instance in store.all + hosted.underInspection {
            hosts.expect(instance.id)
            if let host = instance.record.host { hosts.expect(host) }
        }
        // Checked exactly then, as requests wait for the result.
        loop.after(.seconds(Limits.unknownHost)) { [weak self] in self?.lookForSilence() }
    }

    /// Treats hosts as offline that have been silent for too long, even if their status says `online`.
    func lookForSilence() {
        store.mend()
        for host in hosts.takeSilent() { presenceChanged(host, .offline) }
    }

    private func presenceChanged(_ host: HostName, _ presence: HostTable.Presence) {
        ownPresenceChanged(host)
        clearGhost(host)
        guard leadership.isActing, presence != .unknown else { return }
        let affected = (store.all + hosted.underInspection).filter { $0.record.host == host }
        if presence == .online {
            absences.end(host)
            for hostedID in hosted.ids where hostedID.host == host { look(at: hostedID) }
        } else if !affected.isEmpty {
            if presence == .offline {
                Log.note("host \(host) is offline, with \(affected.count) nodes and VMs", .warning)
            }
            absences.begin(host)
            lookAgain(withoutHost: host)
        }
        for instance in affected { feed(presence == .online ? .hostOnline : .hostOffline, to: instance) }
        admitNext()
    }

    /// Called when a host was offline for too long. Nodes outlive their host's agent: an instance is kept while its own
    /// agent is online.
    func lost(_ host: HostName) {
        for instance in store.all + hosted.underInspection where instance.record.host == host && !instance.isReady {
            Log.note("\(instance.title) is given up: \(host) was offline for too long", .error)
            feed(.hostLost, to: instance)
        }
    }

    /// Clears the topics of a removed node or VM that was online again for a while, as when its host came back.
    func clearGhost(_ id: HostName) {
        guard leadership.isActing, store.isFree(id), let host = hosts[id], host.presence == .offline,
            let generation = host.facts?.generation, store.hasEnded(generation, of: id), !hosted.isInspecting(id)
        else { return }
        cleaner.clear(id) { [weak self] in self?.forgetGhost(id) }
    }

    /// Called when the broker retains nothing of a name any more. Removes the host from the table: if the clearing was
    /// missed during an outage, the name would stay in use.
    private func forgetGhost(_ id: HostName) {
        if store[id] == nil, hosts[id]?.presence == .offline { hosts.forget(id) }
    }

    /// Updates the instance that is this host, if there is one.
    private func ownPresenceChanged(_ host: HostName) {
        guard leadership.isActing, let instance = store[host], refreshReadiness(of: instance) else { return }
        feed(instance.isReady ? .online : .offline, to: instance)
    }

    /// - Returns: whether its agent has come online with its generation, or is no longer.
    @discardableResult
    func refreshReadiness(of instance: Instance) -> Bool {
        instance.takePresence(
            hosts.presence(of: instance.id), generation: hosts[instance.id]?.facts?.generation)
    }

    // MARK: Processes

    /// Takes a message from a process topic.
    ///
    /// - Parameter entry: nil if the topic was cleared, because the host no longer knows the process.
    func process(_ id: Name, on host: HostName, _ entry: JSON?) {
        if let instance = store[host], instance.takeProcess(id, entry) { retained.note(instance) }
        guard let hostedName = HostName(id.description) else { return }
        if let instance = store[hostedName], instance.record.host == host {
            if instance.takeHostStatus(entry) { retained.note(instance) }
            if let entry { look(at: instance, entry) }
        }
        let hostedID = HostedID(host: host, id: hostedName)
        guard let kind = entry?["driver"]?.string.flatMap(InstanceKind.init(driver:)) else {
            hosted.forget(hostedID)
            orphans.forget(hostedID)
            return
        }
        guard hosted.note(hostedID, kind, memory: entry.flatMap(Self.memory)) else { return }
        look(at: hostedID)
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
            instance.note(failure)
            retained.note(instance)
        }
    }
}
