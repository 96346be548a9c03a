import Cluster
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Keeps pm-cluster's retained topics true: status, health, and one topic a node or VM.
///
/// What changes is published when the loop has nothing else to do, or has put it off for long enough.
final class ClusterRetained {
    private let session: Session
    private let loop: EventLoop
    private let instances: Instances
    /// Seconds between two health messages.
    var interval: Double
    private var changed: Set<HostName> = []
    private var published: [HostName: [UInt8]] = [:]
    /// How many states the broker has still to show us, whose subscribers we are: until then, what it shows is old.
    private var underWay: [HostName: Int] = [:]
    /// The same of the number of the last change, which is to be published when it is nil.
    private var publishedSerial: [UInt8]?
    private var serialsUnderWay = 0
    private var reasons: [InstanceKind: [String]] = [:]
    private var isHealthOutdated = false
    private var isRefreshDue = false
    private var healthTimer: TimerID?

    init(_ instances: Instances, session: Session, interval: Double, loop: EventLoop) {
        self.instances = instances
        self.session = session
        self.interval = interval
        self.loop = loop
        loop.whenIdle { [weak self] in self?.flush() }
    }

    /// The status topic's message; `offline` is the session's will, too.
    static func status(isOnline: Bool) -> Message {
        let text = isOnline ? "online" : "offline"
        return Message(topic: Topic.clusterStatus.description, payload: Array(text.utf8), qos: 1, isRetained: true)
    }

    func publishStatus(isOnline: Bool) { session.publish(Self.status(isOnline: isOnline), whenOffline: .drop) }

    /// After each connect: all of it anew.
    func publishAll() {
        published = [:]
        underWay = [:]
        publishedSerial = nil
        serialsUnderWay = 0
        for instance in instances.all { changed.insert(instance.id) }
        flush()
        publishHealth()
        // Last: whoever reads it finds the rest as it is now.
        publishStatus(isOnline: true)
    }

    func note(_ instance: Instance) {
        isHealthOutdated = true
        if !instance.isStray { changed.insert(instance.id) }
    }

    /// Its topic is cleared by now.
    func forget(_ id: HostName) {
        changed.remove(id)
        published[id] = nil
        underWay[id] = nil
    }

    /// What is retained of it now: where somebody else has put it there, or taken it away, it is put right.
    func heardState(_ kind: InstanceKind, _ id: HostName, _ payload: [UInt8]) {
        let left = (underWay[id] ?? 1) - 1
        underWay[id] = left > 0 ? left : nil
        guard left == 0, instances.byID[id]?.kind == kind, let last = published[id], last != payload else { return }
        // When the loop is idle, and so only once for all that somebody writes.
        published[id] = nil
        changed.insert(id)
    }

    func clearState(_ kind: InstanceKind, _ id: HostName) {
        forget(id)
        publish(.clusterState(kind, id), [])
    }

    func noteHosts() { isHealthOutdated = true }
    func noteSerial() { publishedSerial = nil }

    /// What is retained of it now: where somebody else has put it there, it is put right.
    func heardSerial(_ payload: [UInt8]) {
        serialsUnderWay = max(serialsUnderWay - 1, 0)
        if serialsUnderWay == 0, publishedSerial != payload { publishedSerial = nil }
    }

    private func publishSerial() {
        let payload = instances.store.cluster.mark.json.printed()
        publishedSerial = payload
        serialsUnderWay += 1
        publish(.clusterSerial, payload)
    }

    private func flush() {
        guard instances.isActing, session.isConnected else { return }
        for id in changed { if let instance = instances.byID[id] { tell(instance) } }
        changed.removeAll(keepingCapacity: true)
        if publishedSerial == nil { publishSerial() }
        guard isHealthOutdated else { return }
        isHealthOutdated = false
        if InstanceKind.allCases.contains(where: { instances.healthReasons(of: $0) != reasons[$0] }) {
            return publishHealth()
        }
        // How many there are can wait for a moment: others may come.
        guard !isRefreshDue, interval > Limits.healthRefresh else { return }
        isRefreshDue = true
        schedule(in: Limits.healthRefresh)
    }

    /// Publishes its state now, unless that is out already, and before it how far the state directory has come.
    func tell(_ instance: Instance) {
        guard instances.isActing else { return }
        if publishedSerial == nil { publishSerial() }
        guard !instance.isStray, instances.byID[instance.id] != nil else { return }
        // From there on, its topic is empty.
        guard instance.lifecycle.phase != .clearing, instance.lifecycle.phase != .gone else { return }
        let payload = instances.entry(of: instance).json.printed()
        guard published.updateValue(payload, forKey: instance.id) != payload else { return }
        underWay[instance.id, default: 0] += 1
        publish(.clusterState(instance.kind, instance.id), payload)
    }

    private func schedule(in seconds: Double) {
        loop.cancel(healthTimer)
        healthTimer = loop.after(.seconds(seconds)) { [weak self] in
            guard let self, instances.isActing else { return }
            publishHealth()
        }
    }

    /// Health now, and again every interval from now on.
    func publishHealth() {
        isRefreshDue = false
        schedule(in: interval)
        for kind in InstanceKind.allCases { publishHealth(of: kind) }
    }

    private func publishHealth(of kind: InstanceKind) {
        let health = instances.health(of: kind)
        reasons[kind] = health.reasons
        publish(.clusterHealth(kind), health.json.printed())
    }

    private func publish(_ topic: Topic, _ payload: [UInt8]) {
        session.publish(
            Message(topic: topic.description, payload: payload, qos: 1, isRetained: true), whenOffline: .drop)
    }
}
