import Cluster
import LinuxSystem
import Model

/// The health topics of nodes and VMs.
extension Instances {
    func health(of kind: InstanceKind) -> ClusterHealth {
        var counts: [InstanceState: Int] = [:]
        for instance in byID.values where instance.kind == kind {
            counts[entry(of: instance).state, default: 0] += 1
        }
        return ClusterHealth(
            kind: kind, reasons: healthReasons(of: kind), timestamp: WallClock.now,
            interval: configuration.healthInterval, counts: counts, hostsOnline: hosts.onlineCount,
            hostsAvailable: availableHosts(for: kind), version: Version.current)
    }

    /// Why health is bad, in a stable order; empty if it is good.
    func healthReasons(of kind: InstanceKind) -> [String] {
        var reasons: [String] = []
        if availableHosts(for: kind) == 0 { reasons.append("no host can run a \(kind.rawValue)") }
        reasons += doubtReasons(of: kind).prefix(Limits.healthReasons)
        // Uncommitted instances are left out: their requester gets the failure as an answer.
        for instance in all where instance.kind == kind && instance.lifecycle.isCommitted {
            guard instance.lifecycle.phase != .running else { continue }
            let entry = entry(of: instance)
            guard instance.lifecycle.want == .up || entry.state == .hostOffline else { continue }
            guard reasons.count < Limits.healthReasons else { return reasons + ["and others"] }
            reasons.append(
                "\(kind.rawValue) \(instance.id) is \(entry.state.rawValue)" + (entry.reason.map { ": \($0)" } ?? ""))
        }
        return reasons + store.troubles.values.sorted().prefix(Limits.healthReasons)
    }

    private func availableHosts(for kind: InstanceKind) -> Int {
        hosts.all.count { _, host in
            host.presence == .online && host.facts?.generation == nil
                && host.facts?.drivers.contains { $0.name == kind.driver && $0.reason == nil } == true
        }
    }
}
