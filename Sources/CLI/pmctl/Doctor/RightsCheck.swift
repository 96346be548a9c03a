import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// What the account may do, found out by requests that change nothing.
struct RightsCheck {
    enum Outcome: Equatable {
        case answered
        case refused
        /// Not allowed with MQTT 3.1.1, or the other side does not answer.
        case silent
    }

    /// Opens a connection of its own for each request: a broker's refusal ends it.
    let connect: () throws -> Bus

    /// Asks a host for its health.
    func ask(_ topic: Topic) -> Outcome {
        send { bus in bus.message(Method.getHealth.rawValue, to: topic, [:], WallClock.now, id: RandomText.make()) }
    }

    /// Asks the hub for its hosts.
    func askHub() -> Outcome {
        send { bus in
            let request: JSON = [
                "list_hosts": [:], "id": .string(RandomText.make()), "reply_to": .string(bus.inbox),
            ]
            return Message(topic: "\(Topic.hub(.control))", payload: request.printed(), qos: 1)
        }
    }

    /// Whether the hub lets an account have an answer sent where the account itself may not publish. Nil if that can't
    /// be told, because this account may publish there.
    ///
    /// - Parameter host: an online host, which is asked for its health.
    func isHubCareless(_ host: HostName) -> Bool? {
        guard let foreign = Name("pm-doctor-\(RandomText.make().prefix(8))") else { return nil }
        let topic = Topic.reply(foreign)
        let direct = send(listeningOn: topic) { _ in Message(topic: topic, payload: [], qos: 1) }
        guard direct == .refused else { return nil }
        let outcome = send(listeningOn: topic) { _ in
            let request: JSON = [
                "method": .string(Method.getHealth.rawValue), "host_name": .string(host.description),
                "id": .string(RandomText.make()), "reply_to": .string(topic),
            ]
            return Message(topic: "\(Topic.hub(.control))", payload: request.printed(), qos: 1)
        }
        return outcome == .silent ? nil : outcome == .answered
    }

    private func send(listeningOn topic: String? = nil, _ make: (Bus) -> Message) -> Outcome {
        guard let bus = try? connect() else { return .silent }
        defer { bus.close() }
        if let topic { bus.subscribe(topic) }
        let message = make(bus)
        bus.publish(message)
        let deadline = bus.answerDeadline
        do throws(CommandError) {
            while let answer = try bus.next(before: deadline) {
                if answer.topic == bus.inbox || answer.topic == topic { return .answered }
            }
            return .silent
        } catch {
            return .refused
        }
    }
}
