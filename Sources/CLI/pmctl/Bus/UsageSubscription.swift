import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Has the agents of hosts publish what their processes use, and renews that until it ends.
final class UsageSubscription {
    private let bus: Bus
    /// Seconds between two readings of a host.
    private let interval: Double
    /// Names this reader to the agents.
    private let name = "pmctl-\(RandomText.make().prefix(12))"
    private var hosts: Set<HostName> = []
    /// The open requests.
    private var asked: [String: HostName] = [:]
    private(set) var renewal: Instant?

    /// Seconds for which an agent is asked to publish; it is asked again halfway.
    private static let seconds = 60.0

    init(_ bus: Bus, interval: Double) {
        self.bus = bus
        self.interval = interval
    }

    func follow(_ host: HostName) {
        hosts.insert(host)
        let arguments: JSON = [
            "follower": .string(name), "seconds": .number(Self.seconds), "interval": .number(interval),
        ]
        // On the topic for readings, to which viewers may send.
        asked[bus.send(Method.followUsage.rawValue, to: .watch(host), arguments, nil)] = host
        renewal = renewal ?? .now + .seconds(Self.seconds / 2)
    }

    /// Asks all hosts again: after a break of the connection, or because it is time.
    func renew() {
        renewal = nil
        asked = [:]
        for host in hosts { follow(host) }
    }

    func renewIfDue() { if let renewal, renewal <= .now { renew() } }

    /// Takes an answer to one of its requests.
    ///
    /// - Returns: the host whose agent refuses, as an older one does; nil for any other message.
    func refusal(_ message: Message) -> HostName? {
        guard message.topic == bus.inbox else { return nil }
        for (id, host) in asked {
            guard let answer = Answer(message, inbox: bus.inbox, id: id) else { continue }
            asked[id] = nil
            guard answer.refusal != nil, answer.code != .noCapacity else { return nil }
            hosts.remove(host)
            return host
        }
        return nil
    }

    /// Agents need not publish any more.
    func end() {
        for host in hosts {
            _ = bus.send(Method.unfollowUsage.rawValue, to: .watch(host), ["follower": .string(name)], nil)
        }
    }
}
