import Cluster
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// One node or VM: its saved record, its lifecycle, and what pm-cluster has observed of it since it started.
///
/// ``Instances`` owns all instances. It feeds events to `lifecycle` and performs the resulting actions. At most one
/// request to the host or to the instance's agent is pending at a time (`request`), and at most one deadline.
final class Instance {
    typealias Reply = (ClusterOutcome) -> Void

    var record: InstanceRecord
    var lifecycle: InstanceLifecycle
    /// Whether it was found on a host and has no file.
    let isStray: Bool
    /// The last request to its host or to its agent.
    var request: (id: String, message: Message)?
    var deadline: TimerID?
    /// Why it is not in the wanted state; the `reason` in its entry.
    var trouble: Failure?
    /// The process in a VM, after it was started.
    var process: InstanceProcess?
    /// The status of its own process on the host: the node's agent, or the runner of the VM.
    var hostStatus = InstanceProcessStatus()
    /// Whether it is queued until a host has tested its driver; `trouble` says so.
    var isHeldUp = false
    /// Whether its agent is online with this generation.
    var isReady = false
    /// Whether the process in the VM was certainly not started: pm-cluster has launched the VM and not requested the
    /// process since.
    var isBlank = false
    /// The session of its agent. A new value means that the agent was restarted.
    var session: String?
    /// The last answer of its host to `get_process`.
    var found: JSON?
    /// Whether the process has to be learned from the agent in the VM, instead of being started from the file.
    var isLearning = false
    /// The last state that was logged.
    var logged: InstanceState?
    /// Whether `record` has changes that are not saved.
    var isUnsaved = false
    private var replies: [(purpose: PendingRequest.Purpose, number: Int, reply: Reply)] = []

    init(_ record: InstanceRecord, _ lifecycle: InstanceLifecycle, isStray: Bool = false) {
        self.record = record
        self.lifecycle = lifecycle
        self.isStray = isStray
    }

    var id: HostName { record.id }
    var kind: InstanceKind { record.kind }
    /// For log lines and error texts.
    var title: String { "\(kind.rawValue) \(id)" }

    /// Adds a request that is already in `record`.
    func await(recorded request: PendingRequest, _ reply: @escaping Reply) {
        replies.append((request.purpose, request.number, reply))
    }

    /// Adds a request that has to be added to `record` as well.
    func await(_ request: PendingRequest, _ reply: @escaping Reply) {
        replies.append((request.purpose, request.number, reply))
        record.pending.append(request)
        isUnsaved = true
    }

    /// Answers one request.
    func answer(_ request: PendingRequest, _ outcome: ClusterOutcome) {
        guard let index = replies.firstIndex(where: { $0.number == request.number }) else { return }
        let waiter = replies.remove(at: index)
        record.pending.removeAll { $0.number == request.number }
        waiter.reply(outcome)
    }

    /// Answers all requests for this purpose, and removes them from `record`.
    func answer(_ purpose: PendingRequest.Purpose, _ outcome: ClusterOutcome) {
        let waiting = replies.filter { $0.purpose == purpose }
        replies.removeAll { $0.purpose == purpose }
        if record.pending.contains(where: { $0.purpose == purpose }) {
            record.pending.removeAll { $0.purpose == purpose }
            isUnsaved = true
        }
        for waiter in waiting { waiter.reply(outcome) }
    }

    /// The outcome of a successful creation.
    var created: ClusterOutcome {
        let host = record.host ?? id
        guard kind == .vm else { return .nodeCreated(id, on: host) }
        let process = process ?? record.processID.map { InstanceProcess(id: $0, pid: nil) }
        return .vmAllocated(id, on: host, process ?? InstanceProcess(id: id.name, pid: nil))
    }

    /// What lists and the state topic show of it.
    func entry(hostIsOffline: Bool) -> InstanceEntry {
        let isAway = hostIsOffline && !isReady && lifecycle.phase != .queued
        var entry = InstanceEntry(
            kind: kind, id: id, host: record.host, state: isAway ? .hostOffline : lifecycle.state,
            want: lifecycle.want, generation: record.generation, createdAt: record.createdAt)
        let adopted = record.isAdopted ? "newer than pm-cluster's state: adopted, to be confirmed" : nil
        entry.reason = isAway ? "its host is offline" : trouble?.detail ?? adopted
        entry.stage = isAway ? nil : lifecycle.stage
        entry.labels = record.labels
        entry.vm = record.vm
        entry.process =
            lifecycle.phase == .running ? process : record.processID.map { InstanceProcess(id: $0, pid: nil) }
        let inner = lifecycle.phase == .running ? process?.status : nil
        entry.status = inner ?? InstanceProcessStatus()
        if hostStatus.hasEnded { entry.status = hostStatus }
        return entry
    }
}
