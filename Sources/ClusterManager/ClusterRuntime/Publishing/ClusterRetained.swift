import Cluster
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Publishes pm-cluster's retained topics: status, serial, health, and the state of each node and VM. Corrects them if
/// another client overwrites or clears them.
///
/// Changes are collected, and published when the loop is idle or has postponed that for long enough. ``tell(_:)``
/// publishes one state at once, before a request about it is answered. The serial is published before any state.
final class ClusterRetained {
    private let publisher: any Publisher
    private let loop: EventLoop
    private let report: ClusterReport
    private let leadership: Leadership
    /// Seconds between two health messages.
    private var interval: Double
    private var changed: Set<HostName> = []
    private var published: [HostName: [UInt8]] = [:]
    /// Own messages, by instance, that the broker has not echoed yet. pm-cluster subscribes to the state topics, and
    /// ignores what arrives on them before the last echo, as it is older.
    private var underWay: [HostName: Int] = [:]
    /// Nil if it has to be published again, although it may not have changed.
    private var publishedMark: StateMark?
    private var serialsUnderWay = 0
    private var reasons: [InstanceKind: [String]] = [:]
    private var isHealthOutdated = false
    private var isRefreshDue = false
    private var healthTimer: TimerID?

    init(
        _ report: ClusterReport, leadership: Leadership, publisher: any Publisher, interval: Double, loop: EventLoop
    ) {
        self.report = report
        self.leadership = leadership
        self.publisher = publisher
        self.interval = interval
        self.loop = loop
        loop.whenIdle { [weak self] in self?.flush() }
    }

    /// The message of the status topic. The session's will is the one with `offline`.
    static func status(isOnline: Bool) -> Message {
        let text = isOnline ? "online" : "offline"
        return Message(topic: Topic.clusterStatus.description, payload: Array(text.utf8), qos: 1, isRetained: true)
    }

    func publishStatus(isOnline: Bool) { publisher.publish(Self.status(isOnline: isOnline), whenOffline: .drop) }

    /// Publishes all topics again, after each connect.
    func publishAll() {
        published = [:]
        underWay = [:]
        publishedMark = nil
        serialsUnderWay = 0
        for instance in report.store.all { changed.insert(instance.id) }
        flush()
        publishHealth()
        // Last: clients that read `online` find all other topics up to date.
        publishStatus(isOnline: true)
    }

    func note(_ instance: Instance) {
        isHealthOutdated = true
        if !instance.isUnfiled { changed.insert(instance.id) }
    }

    /// Called when the topic has been cleared.
    func forget(_ id: HostName) {
        changed.remove(id)
        published[id] = nil
        underWay[id] = nil
    }

    /// Takes a message from a state topic, empty if the topic was cleared. A state from another client is overwritten.
    func heardState(_ kind: InstanceKind, _ id: HostName, _ payload: [UInt8]) {
        let left = (underWay[id] ?? 1) - 1
        underWay[id] = left > 0 ? left : nil
        guard left == 0, report.store[id]?.kind == kind, let last = published[id], last != payload else { return }
        // Published when the loop is idle, so several foreign messages cause one correction.
        published[id] = nil
        changed.insert(id)
    }

    func clearState(_ kind: InstanceKind, _ id: HostName) {
        forget(id)
        publish(.clusterState(kind, id), [])
    }

    /// Takes a new interval, which begins now.
    func change(interval: Double) {
        self.interval = interval
        if leadership.isActing { publishHealth() }
    }

    /// Called when something has changed that health shows.
    func noteHealth() { isHealthOutdated = true }

    /// Takes a message from `pm/cluster/serial`. A number from another client is overwritten.
    func heardSerial(_ payload: [UInt8]) {
        serialsUnderWay = max(serialsUnderWay - 1, 0)
        if serialsUnderWay == 0, publishedMark?.json.printed() != payload { publishedMark = nil }
    }

    /// Publishes the number of the last change, if it is another one or was overwritten.
    private func publishSerial() {
        let mark = report.directory.cluster.mark
        guard publishedMark != mark else { return }
        publishedMark = mark
        serialsUnderWay += 1
        publish(.clusterSerial, mark.json.printed())
    }

    private func flush() {
        guard leadership.isActing, publisher.isConnected else { return }
        for id in changed { if let instance = report.store[id] { tell(instance) } }
        changed.removeAll(keepingCapacity: true)
        publishSerial()
        guard isHealthOutdated else { return }
        isHealthOutdated = false
        if InstanceKind.allCases.contains(where: { report.reasons(of: $0) != reasons[$0] }) {
            return publishHealth()
        }
        // New counts are published with a delay, as more changes may follow.
        guard !isRefreshDue, interval > Limits.healthRefresh else { return }
        isRefreshDue = true
        schedule(in: Limits.healthRefresh)
    }

    /// Publishes the state of an instance at once if it has changed, after the number of the last change.
    func tell(_ instance: Instance) {
        guard leadership.isActing else { return }
        publishSerial()
        guard !instance.isUnfiled, report.store[instance.id] != nil else { return }
        // From `clearing` on, the topic has to stay empty.
        guard instance.lifecycle.phase != .clearing, instance.lifecycle.phase != .gone else { return }
        let payload = report.entry(of: instance).json.printed()
        guard published.updateValue(payload, forKey: instance.id) != payload else { return }
        underWay[instance.id, default: 0] += 1
        publish(.clusterState(instance.kind, instance.id), payload)
    }

    private func schedule(in seconds: Double) {
        loop.cancel(healthTimer)
        healthTimer = loop.after(.seconds(seconds)) { [weak self] in
            guard let self, leadership.isActing else { return }
            publishHealth()
        }
    }

    /// Publishes health and restarts the interval.
    private func publishHealth() {
        isRefreshDue = false
        schedule(in: interval)
        for kind in InstanceKind.allCases { publishHealth(of: kind) }
    }

    private func publishHealth(of kind: InstanceKind) {
        let health = report.health(of: kind, interval: interval)
        reasons[kind] = health.reasons
        publish(.clusterHealth(kind), health.json.printed())
    }

    private func publish(_ topic: Topic, _ payload: [UInt8]) {
        publisher.publish(
            Message(topic: topic.description, payload: payload, qos: 1, isRetained: true), whenOffline: .drop)
    }
}
