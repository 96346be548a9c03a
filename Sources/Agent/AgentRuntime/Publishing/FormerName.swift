import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import ServiceSupport
import Wire

/// Clears what an agent has left with the broker under an earlier host name.
///
/// The state directory has the name and the session of the latest worker (`host`). After a change of the name, the agent
/// reads the topics of the former one, and clears them if the health there is of that session, or if there is none and
/// the status is `offline`: another agent may have the name by now.
final class FormerName {
    private let path: String
    private let own: [UInt8]
    private let former: (host: HostName, session: String)?
    private let loop: EventLoop
    private var found: [String: Message] = [:]
    private var reading: TimerID?
    private var isDone = false

    /// - Parameter session: of this worker.
    init(_ configuration: AgentConfiguration, session: String, on loop: EventLoop) {
        let host = configuration.host
        path = "\(configuration.stateDirectory)/host"
        self.loop = loop
        own = JSON.object([.init("host", .string("\(host)")), .init("session", .string(session))]).printed()
        former = Self.read(path).flatMap { $0.host == host ? nil : $0 }
        if former == nil { store() }
    }

    private static func read(_ path: String) -> (host: HostName, session: String)? {
        guard FileSystem.kind(of: path) != nil, let json = try? StateFile.read(path, limit: Limits.journalLine),
            let host = json["host"]?.string.flatMap({ HostName($0) }), let session = json["session"]?.string
        else { return nil }
        return (host, session)
    }

    private func store() {
        isDone = true
        do throws(SystemError) { try FileSystem.replace(path, with: own, isDurable: false) } catch {
            Log.note("the host name is not saved: \(error)", .warning)
        }
    }

    /// Begins to read the topics of the former name; after each connect.
    func connected(_ session: any Subscriber) {
        guard let former, !isDone else { return }
        found = [:]
        session.subscribe(Topic.everything(of: former.host), qos: 0, noLocal: true)
        reading = loop.after(.seconds(Limits.formerNameReading)) { [weak self] in self?.decide(session) }
    }

    /// What was read so far may be a part only.
    func disconnected() {
        loop.cancel(reading)
        reading = nil
    }

    /// - Returns: whether the message is on a topic of the former name.
    func hears(_ message: Message) -> Bool {
        guard let former, reading != nil, message.topic.hasPrefix(Topic.everything(of: former.host).dropLast()) else {
            return false
        }
        if message.isRetained || Topic(message.topic) == .health(former.host) { found[message.topic] = message }
        return true
    }

    private func decide(_ session: any Subscriber) {
        reading = nil
        // Tried once each time the agent starts, until something was found.
        isDone = true
        guard let former else { return }
        session.unsubscribe(Topic.everything(of: former.host))
        guard !found.isEmpty else { return }
        guard isLeft(by: former) else {
            return Log.note(
                "left alone what is retained of the former name \(former.host): another agent may have it", .warning)
        }
        for topic in found.keys.sorted() {
            session.publish(Message(topic: topic, payload: [], qos: 1, isRetained: true), whenOffline: .drop)
        }
        Log.note("cleared what the former name \(former.host) has left: \(found.count) topics")
        store()
    }

    private func isLeft(by former: (host: HostName, session: String)) -> Bool {
        if let health = found["\(Topic.health(former.host))"] {
            return HealthMark(scanning: health.payload.span)?.session == former.session
        }
        return found["\(Topic.status(former.host))"]?.payload.elementsEqual("offline".utf8) == true
    }
}
