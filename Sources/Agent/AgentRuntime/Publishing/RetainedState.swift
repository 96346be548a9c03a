import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Keeps the host's retained topics true: status, info, health and one topic a process.
///
/// What changes is published when the loop has nothing else to do, or has put it off for long enough: a process that comes
/// and goes in between is told once, and nobody's answer waits for it.
final class RetainedState {
    private let host: HostName
    private let session: Session
    private let loop: EventLoop
    private let supervisor: Supervisor
    private let health: HealthMonitor
    private let info: () -> HostInfo
    private var changed: Set<Name> = []
    private var healthTimer: TimerID?
    private var healthPublishedAt = Instant.now
    private var isHealthOutdated = false
    /// From a connect to the first health message.
    private let firstHealth: Duration
    private var publishedReasons: [String] = []

    init(
        host: HostName, session: Session, loop: EventLoop, supervisor: Supervisor, health: HealthMonitor,
        firstHealth: Duration, info: @escaping () -> HostInfo
    ) {
        self.firstHealth = firstHealth
        self.host = host
        self.session = session
        self.loop = loop
        self.supervisor = supervisor
        self.health = health
        self.info = info
        supervisor.changed = { [weak self] id in self?.changed.insert(id) }
        supervisor.forgotten = { [weak self] id in self?.clear(id) }
        loop.whenIdle { [weak self] in self?.flush() }
    }

    // MARK: Everything

    /// After each connect: all of it anew.
    func publishAll() {
        publishStatus(isOnline: true)
        publishInfo()
        for process in supervisor.processes { changed.insert(process.id) }
        flush()
        if firstHealth == .zero { return publishHealth() }
        healthPublishedAt = .now + firstHealth
        scheduleHealth(in: firstHealth)
    }

    /// The status topic's message; `offline` is the session's will, too.
    static func status(of host: HostName, isOnline: Bool) -> Message {
        let text = isOnline ? "online" : "offline"
        return Message(topic: Topic.status(host).description, payload: Array(text.utf8), qos: 1, isRetained: true)
    }

    func publishStatus(isOnline: Bool) {
        session.publish(Self.status(of: host, isOnline: isOnline), whenOffline: .drop)
    }

    /// The last words: how the processes ended, and `offline`.
    func publishFarewell() {
        flush()
        publishStatus(isOnline: false)
    }

    func publishInfo() { publish(.info(host), info().json.printed()) }

    /// Health now, and again every interval from now on.
    func publishHealth() {
        scheduleHealth(in: .seconds(health.interval))
        healthPublishedAt = .now
        isHealthOutdated = false
        let current = health.measure()
        publishedReasons = current.reasons
        publish(.health(host), current.json.printed(), qos: 0)
    }

    private func scheduleHealth(in delay: Duration) {
        loop.cancel(healthTimer)
        healthTimer = loop.after(delay) { [weak self] in self?.publishHealth() }
    }

    /// Good and bad are told at once, how many processes run within a second.
    func refreshHealth() {
        if health.reasons() != publishedReasons { return publishHealth() }
        guard !isHealthOutdated, health.interval >= Limits.healthRefresh else { return }
        isHealthOutdated = true
        scheduleHealth(in: max(.zero, healthPublishedAt + .seconds(Limits.healthRefresh) - .now))
    }

    // MARK: Processes

    /// A retained process topic that nobody keeps true any more, found at a connect.
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
            // A state that the outbox has to drop would stay wrong: the rest is published when there is room.
            guard !session.isCongested else {
                unsaid.insert(id)
                continue
            }
            guard let process = supervisor.process(id) else { continue }
            publish(.process(host, id), process.entry(by: supervisor.clock).json.printed(), qos: 0)
        }
        if unsaid.isEmpty { changed.removeAll(keepingCapacity: true) } else { changed = unsaid }
        refreshHealth()
    }

    private func publish(_ topic: Topic, _ payload: [UInt8], qos: Int32 = 1) {
        let message = Message(topic: topic.description, payload: payload, qos: qos, isRetained: true)
        session.publish(message, whenOffline: .drop)
    }
}
