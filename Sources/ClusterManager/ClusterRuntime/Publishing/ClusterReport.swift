import Cluster
import LinuxSystem
import Model
import ServiceSupport

/// What lists and topics show of the nodes and VMs, of orphans and of the health of both.
struct ClusterReport {
    let store: InstanceStore
    let hosts: HostWatch
    let orphans: Orphans
    let mismatches: StateMismatches
    let directory: StateDirectory
    let packetLimit: PacketLimitNotice
    let rights: MissingRights

    func entry(of instance: Instance) -> InstanceEntry {
        let presence = instance.record.host.map { hosts.presence(of: $0) }
        return instance.entry(hostIsOffline: presence == .offline)
    }

    func entries(of kind: InstanceKind) -> [InstanceEntry] { store.all.filter { $0.kind == kind }.map(entry) }

    func orphanEntries(of kind: InstanceKind) -> [InstanceEntry] {
        orphans.sorted(kind).map { orphan in
            guard hosts.presence(of: orphan.host) == .online else {
                return orphan.entry(.hostOffline, reason: "its host is offline")
            }
            guard orphan.isSighted else { return orphan.entry(.failed, reason: "its host does not run it") }
            let isReady = hosts.isOnline(orphan.id, generation: orphan.generation)
            return orphan.entry(isReady ? .running : .down, reason: isReady ? nil : "its agent is gone")
        }
    }

    // MARK: Health

    /// - Parameter interval: seconds between two health messages.
    func health(of kind: InstanceKind, interval: Double) -> ClusterHealth {
        var counts: [InstanceState: Int] = [:]
        for instance in store.unsorted where instance.kind == kind {
            counts[entry(of: instance).state, default: 0] += 1
        }
        return ClusterHealth(
            kind: kind, reasons: reasons(of: kind), timestamp: WallClock.now, interval: interval, counts: counts,
            hostsOnline: hosts.table.onlineCount, hostsAvailable: availableHosts(for: kind), version: Version.current)
    }

    /// Why health is bad, in a stable order; empty if it is good.
    func reasons(of kind: InstanceKind) -> [String] {
        var reasons: [String] = []
        if availableHosts(for: kind) == 0 { reasons.append("no host can run a \(kind.rawValue)") }
        reasons += packetLimit.reasons + rights.reasons
        for host in hosts.table.all where host.host.isInConflict {
            reasons.append("two agents have the name \(host.name): nothing is placed there")
        }
        reasons += mismatchReasons(of: kind).prefix(Limits.healthReasons)
        // Uncommitted instances are left out: their requester gets the failure as an answer.
        for instance in store.all where instance.kind == kind && instance.lifecycle.isCommitted {
            guard instance.lifecycle.phase != .running else { continue }
            let entry = entry(of: instance)
            guard instance.lifecycle.want == .up || entry.state == .hostOffline else { continue }
            guard reasons.count < Limits.healthReasons else { return reasons + ["and others"] }
            reasons.append(
                "\(kind.rawValue) \(instance.id) is \(entry.state.rawValue)" + (entry.reason.map { ": \($0)" } ?? ""))
        }
        return reasons + directory.reasons.values.sorted().prefix(Limits.healthReasons)
    }

    private func mismatchReasons(of kind: InstanceKind) -> [String] {
        let mismatch = mismatches.reason(of: kind)
        let adopted = store.all.filter { $0.kind == kind && $0.record.isAdopted }.map {
            "\($0.title) is newer than pm-cluster's state, and was adopted: confirm or remove it"
        }
        let unknown = orphans.sorted(kind).filter { !directory.left.contains($0.generation) }.map {
            "\($0.title) on \($0.host) is in no file of pm-cluster: adopt or remove it"
        }
        return (mismatch.map { [$0] } ?? []) + adopted + unknown
    }

    private func availableHosts(for kind: InstanceKind) -> Int {
        hosts.table.all.count { _, host in
            host.presence == .online && !host.isInConflict && host.facts?.generation == nil
                && host.facts?.drivers.contains { $0.name == kind.driver && $0.reason == nil } == true
        }
    }
}
