import Cluster
import LinuxSystem
import Model

/// What is known of hosts from their messages, at the present time.
///
/// Nodes and VMs are hosts as well, so the presence of an instance's agent is found here under the instance's name.
/// Each method that takes a message returns the presence of the host if it has changed.
final class HostWatch {
    private(set) var table = HostTable()

    private var now: Double { Instant.now.seconds }

    subscript(host: HostName) -> HostTable.Host? { table[host] }

    func presence(of host: HostName) -> HostTable.Presence { table.presence(of: host) }

    /// Whether the agent of this name is online and has this generation.
    func isOnline(_ host: HostName, generation: String) -> Bool {
        presence(of: host) == .online && table[host]?.facts?.generation == generation
    }

    /// - Parameter isOnline: nil if the topic was cleared.
    /// - Returns: the presence also if it is still online: its agent may have been restarted.
    func status(of host: HostName, isOnline: Bool?) -> HostTable.Presence? {
        let old = table[host]?.presence
        table.status(host, isOnline: isOnline, at: now)
        let new = presence(of: host)
        return old != new || isOnline == true ? new : nil
    }

    func facts(of host: HostName, _ facts: HostFacts?) { table.facts(host, facts, at: now) }

    func load(of host: HostName, _ load: HostLoad, isRetained: Bool) -> HostTable.Presence? {
        let old = table[host]?.presence
        table.load(host, load, isRetained: isRetained, at: now)
        let new = table[host]?.presence
        return new != old ? new : nil
    }

    /// Gives a host of which nothing is known `Limits.unknownHost` seconds to publish.
    func expect(_ host: HostName) { table.expect(host, at: now) }

    /// Called after a reconnect, before the broker sends what it retains.
    func connectionLost() { table.forgetPresence(at: now) }

    /// Removes a host whose topics have been cleared.
    func forget(_ host: HostName) { table.status(host, isOnline: nil, at: now) }

    /// - Returns: the hosts that count as offline from now on, as they were silent for too long.
    func takeSilent() -> [HostName] { table.takeSilent(at: now) }
}
