import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Publishes the host's retained topics: status, info, health and one topic per process.
///
/// The supervisor reports changed and forgotten processes. Changes are collected, and published when the loop is idle
/// or has postponed that for long enough: so several changes of a process make one message, and answers are sent first.
/// The agent calls ``publishAll()`` after each connect and ``publishFarewell()`` at its end.
final class RetainedState {
    private let host: HostName
    private let publisher: any Publisher
    private let loop: EventLoop
    private let supervisor: Supervisor
    private let health: HealthMonitor
    private let info: () -> HostInfo
    private var changed: Set<Name> = []
    private var healthTimer: TimerID?
    private var healthPublishedAt = Instant.now
    private var isHealthOutdated = false
    /// The delay from a connect to the first health message.
    private let firstHealth: Duration

    init(
        host: HostName, publisher: any Publisher, loop: EventLoop, supervisor: Supervisor, health: HealthMonitor,
        firstHealth: Duration, info: @escaping () -> HostInfo
    ) {
        self.firstHealth = firstHealth
        self.host = host
        self.publisher = publisher
        self.loop = loop
        self.supervisor = supervisor
        self.health = health
        self.info = info
        supervisor.changed = { [weak self] id in self?.changed.insert(id) }
        supervisor.forgotten = { [weak self] id in self?.clear(id) }
        loop.whenIdle { [weak self] in self?.flush() }
    }

    // MARK: The host

    /// Publishes all topics; after each connect.
    func publishAll() {
        publishStatus(isOnline: true)
        publishInfo()
        for process in supervisor.processes { changed.insert(process.id) }
        flush()
        if firstHealth == .zero { return publishHealth() }
        healthPublishedAt = .now + firstHealth
        scheduleHealth(in: firstHealth)
    }

    /// The message for the status topic; `offline` is also the session's will.
    static func status(of host: HostName, isOnline: Bool) -> Message {
        let text = isOnline ? "online" : "offline"
        return Message(topic: Topic.status(host).description, payload: Array(text.utf8), qos: 1, isRetained: true)
    }

    func publishStatus(isOnline: Bool) {
        publisher.publish(Self.status(of: host, isOnline: isOnline), whenOffline: .drop)
    }

    /// Publishes the final states of processes, then `offline`.
    func publishFarewell() {
        flush()
        publishStatus(isOnline: false)
    }

    func publishInfo() { publish(.info(host), info().json.printed()) }

    /// Publishes health now, and then once per interval.
    func publishHealth() {
        healthPublishedAt = .now
        isHealthOutdated = false
        let before = health.pace.publishedReasons
        let current = health.measureForMessage()
        if current.reasons != before { supervisor.events.note(.health(current.reasons)) }
        scheduleHealth(in: .seconds(current.interval))
        publish(.health(host), current.json.printed(), qos: 0)
    }

    private func scheduleHealth(in delay: Duration) {
        loop.cancel(healthTimer)
        healthTimer = loop.after(delay) { [weak self] in self?.publishHealth() }
    }

    /// Publishes health at once if its reasons have changed; changed process counts within ``Limits/healthRefresh``
    /// seconds.
    func refreshHealth() {
        if health.reasons() != health.pace.publishedReasons { return publishHealth() }
        guard !isHealthOutdated, health.pace.allowsMessageForCounts else { return }
        isHealthOutdated = true
        scheduleHealth(in: max(.zero, healthPublishedAt + .seconds(Limits.healthRefresh) - .now))
    }

    // MARK: Processes

    /// Clears a process topic, found at a connect, if the supervisor does not know the process.
    func clearUnlessKnown(_ id: Name) {
        if supervisor.process(id) == nil { clear(id) }
    }

    private func clear(_ id: Name) {
        changed.remove(id)
        publish(.process(host, id), [])
    }

    private func flush() {
        guard !changed.isEmpty else { return }
        var unsaid: Set<Name> = []
        for id in changed {
            // The outbox is full and would drop the message, and the topic would stay outdated: retry when there is
            // room.
            guard !publisher.isCongested else {
                unsaid.insert(id)
                continue
            }
            guard let process = supervisor.process(id) else { continue }
            let entry = supervisor.entry(of: process)
            publish(.process(host, id), entry.json.printed(), qos: 0, orElse: { entry.printed(atMost: $0) })
        }
        if unsaid.isEmpty { changed.removeAll(keepingCapacity: true) } else { changed = unsaid }
        refreshHealth()
    }

    private func publish(
        _ topic: Topic, _ payload: [UInt8], qos: Int32 = 1, orElse shortened: Session.Shortening? = nil
    ) {
        let message = Message(topic: topic.description, payload: payload, qos: qos, isRetained: true)
        publisher.publish(message, whenOffline: .drop, orElse: shortened)
    }
}
