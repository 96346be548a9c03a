import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Takes away what removed nodes and VMs have left with the broker, also what comes late: a will, a last word.
///
/// The broker itself is asked what there is: a subscription to all topics of one host brings what it retains, and a mark to
/// ourselves comes back behind that.
final class RetainedTopicCleaner {
    private let session: Session
    private let loop: EventLoop
    private let inbox: String
    /// Until when late words are taken away.
    private var tombstones: [HostName: Instant] = [:]
    /// What follows when the mark is back.
    private var running: [HostName: () -> Void] = [:]
    private static let mark = "clear "

    init(session: Session, inbox: String, loop: EventLoop) {
        self.session = session
        self.inbox = inbox
        self.loop = loop
    }

    /// Takes away everything below `pm/<id>`; `then` is called when the broker has shown all there is. A connection
    /// that breaks breaks it off.
    func clear(_ id: HostName, then: @escaping () -> Void) {
        removeOld()
        tombstones[id] = .now + .seconds(Limits.tombstone)
        running[id] = then
        session.subscribe(Topic.everything(of: id))
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

    /// Somebody is called so again.
    func spare(_ id: HostName) {
        if running[id] == nil { tombstones[id] = nil }
    }

    /// A message on a topic of a host.
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
