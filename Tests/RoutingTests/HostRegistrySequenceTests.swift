import Model
import Routing
import Testing

/// Runs every sequence of events of two connections and two hosts, and compares the registry with a simple model.
struct HostRegistrySequenceTests {
    private enum Event {
        case online(HostName, ConnectionKey)
        case offline(HostName)
        case clear(HostName)
        case heard(HostName, ConnectionKey)
        case disconnected(ConnectionKey)
    }

    /// The expected state of one host, computed in the simplest way from the events.
    private struct Expected: Equatable {
        var isKnown = false
        /// The latest one last.
        var owners: [ConnectionKey] = []
        var lastActive = 0.0
    }

    private let hosts: [HostName]
    private let events: [Event]

    init() throws {
        hosts = try ["alpha", "beta"].map { try #require(HostName($0)) }
        let connections = [ConnectionKey(1), ConnectionKey(2)]
        var events = connections.map { Event.disconnected($0) }
        for host in hosts {
            events += [.offline(host), .clear(host)]
            for connection in connections { events += [.online(host, connection), .heard(host, connection)] }
        }
        self.events = events
    }

    @Test func `a host is online exactly while the model says so, in every sequence to depth 4`() {
        var count = 0
        explore(HostRegistry(), [Expected(), Expected()], depth: 0, &count)
        #expect(count == 14 + 14 * 14 + 14 * 14 * 14 + 14 * 14 * 14 * 14)
    }

    /// With a constant time there are few states, so all reachable ones can be checked, for sequences of any length.
    @Test func `no reachable state is wrong`() {
        var seen: Set<HostRegistry> = []
        var pending = [(HostRegistry(), [Expected(), Expected()])]
        while let (registry, expected) = pending.popLast() {
            for event in events {
                let (next, wanted) = step(event, registry, expected, at: 0)
                if seen.insert(next).inserted { pending.append((next, wanted)) }
            }
        }
        // Each host is unknown, offline, or online through one connection or both, in either order.
        #expect(seen.count == 6 * 6)
    }

    private func explore(_ registry: HostRegistry, _ expected: [Expected], depth: Int, _ count: inout Int) {
        guard depth < 4 else { return }
        for event in events {
            count += 1
            let (next, wanted) = step(event, registry, expected, at: Double(depth + 1))
            explore(next, wanted, depth: depth + 1, &count)
        }
    }

    private func step(
        _ event: Event, _ registry: HostRegistry, _ expected: [Expected], at time: Double
    ) -> (HostRegistry, [Expected]) {
        var (next, wanted) = (registry, expected)
        let change = apply(event, to: &next, at: time)
        _ = next.takeChanged(atMost: .max)
        for index in hosts.indices { history(event, hosts[index], &wanted[index], at: time) }
        if !check(next, wanted) { Issue.record("\(event): \(next.hosts), not \(wanted)") }
        // With a constant time, activity does not change the state.
        var told = self.change(expected, wanted)
        // The end of one of several connections is not reported.
        if case .disconnected = event, told == .activity { told = .none }
        if change != told, time > 0 || told == .hosts { Issue.record("\(event): \(change), not \(told)") }
        return (next, wanted)
    }

    private func apply(_ event: Event, to registry: inout HostRegistry, at time: Double) -> PresenceChange {
        switch event {
        case .online(let host, let connection): registry.online(host, through: connection, at: time)
        case .offline(let host): registry.offline(host, at: time)
        case .clear(let host): registry.clear(host)
        case .heard(let host, let connection): registry.heard(host, through: connection, at: time)
        case .disconnected(let connection): registry.disconnected(connection)
        }
    }

    private func history(_ event: Event, _ host: HostName, _ state: inout Expected, at time: Double) {
        switch event {
        case .online(host, let connection):
            let others = state.owners.filter { $0 != connection }
            state = Expected(isKnown: true, owners: others + [connection], lastActive: time)
        case .offline(host) where !state.owners.isEmpty: state = Expected(isKnown: true, lastActive: time)
        case .clear(host) where state.owners.isEmpty: state = Expected()
        case .heard(host, let connection) where state.owners.contains(connection): state.lastActive = time
        case .disconnected(let connection): state.owners.removeAll { $0 == connection }
        case .online, .offline, .clear, .heard: break
        }
    }

    private func check(_ registry: HostRegistry, _ expected: [Expected]) -> Bool {
        let listed = zip(hosts, expected).filter(\.1.isKnown).map { host, state in
            HostPresence(host: host, isOnline: !state.owners.isEmpty, lastActive: state.lastActive)
        }
        return registry.hosts == listed
            && zip(hosts, expected).allSatisfy { host, state in
                ((try? registry.route(host.description)) == host) == !state.owners.isEmpty
            }
    }

    private func change(_ before: [Expected], _ after: [Expected]) -> PresenceChange {
        let isVisible = zip(before, after).contains {
            $0.isKnown != $1.isKnown || $0.owners.isEmpty != $1.owners.isEmpty
        }
        return isVisible ? .hosts : before == after ? .none : .activity
    }
}
