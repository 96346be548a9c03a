import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Clears the retained topics of removed nodes and VMs, also those that are published late, for example by a will.
///
/// To find the topics, the cleaner subscribes to all topics of the host and then publishes a mark to its own inbox. The
/// broker delivers the mark after the retained messages.
final class RetainedTopicCleaner {
    private let session: any Subscriber
    private let loop: EventLoop
    private let inbox: String
    /// Until when late messages of removed instances are cleared.
    private var tombstones: [HostName: Instant] = [:]
    /// Called when the mark of a host has come back.
    private var running: [HostName: () -> Void] = [:]
    private static let mark = "clear "

    init(session: any Subscriber, inbox: String, loop: EventLoop) {
        self.session = session
        self.inbox = inbox
        self.loop = loop
    }

    /// Clears everything below `pm/<id>`, then calls `then`. If the connection is lost, `then` is not called.
    func clear(_ id: HostName, then: @escaping () -> Void) {
        removeOld()
        tombstones[id] = .now + .seconds(Limits.tombstone)
        running[id] = then
        session.subscribe(Topic.everything(of: id), qos: 1, noLocal: false)
        let mark = Array("\(Self.mark)\(id)".utf8)
        session.publish(Message(topic: inbox, payload: mark, qos: 1), whenOffline: .drop)
    }

    /// Whether a message in the inbox was a mark.
    func takesMark(_ message: Message) -> Bool {
        guard message.payload.starts(with: Self.mark.utf8) else { return false }
        let text = String(decoding: message.payload.dropFirst(Self.mark.utf8.count), as: UTF8.self)
        if let id = HostName(text), let then = running.removeValue(forKey: id) {
            session.unsubscribe(Topic.everything(of: id))
            then()
        }
        return true
    }

    func connectionLost() { running = [:] }

    /// Stops clearing late messages: a new host uses the name.
    func spare(_ id: HostName) {
        if running[id] == nil { tombstones[id] = nil }
    }

    /// Takes a message from any topic of a host, and clears the topic if the host has been removed.
    func received(_ message: Message, of host: HostName) {
        guard let end = tombstones[host], !message.payload.isEmpty else { return }
        guard running[host] != nil || end > .now else { return }
        session.publish(Message(topic: message.topic, payload: [], qos: 1, isRetained: true), whenOffline: .drop)
    }

    private func removeOld() {
        guard tombstones.count > Limits.instances / 10 else { return }
        let now = Instant.now
        tombstones = tombstones.filter { $0.value > now || running[$0.key] != nil }
    }
}
