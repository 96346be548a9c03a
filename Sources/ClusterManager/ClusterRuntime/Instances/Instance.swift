import Cluster
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// One node or VM, with all that belongs to it.
final class Instance {
    typealias Reply = (ClusterOutcome) -> Void

    var record: InstanceRecord
    var lifecycle: InstanceLifecycle
    /// Found on a host, and in no file.
    let isStray: Bool
    /// What its host, or the agent inside, was asked last.
    var request: (id: String, message: Message)?
    var deadline: TimerID?
    /// Why it is not as it should be.
    var trouble: Failure?
    /// A VM's, once it has been started.
    var process: InstanceProcess?
    /// Of its own process on the host: the node's agent, or what runs the VM.
    var hostStatus = InstanceProcessStatus()
    /// Whether it waits for a host to find out what it can do, which is its trouble then.
    var isHeldUp = false
    /// Whether the agent inside is online, with this generation.
    var isReady = false
    /// Whether nobody can have started its process: this program has had it launched, and has not asked for that since.
    var isBlank = false
    /// Of the agent inside: another one means that it has been started again.
    var session: String?
    /// What its host has said of it last.
    var found: JSON?
    /// Whether the agent inside is to tell what its process is.
    var isLearning = false
    /// Its last state that the log tells of.
    var logged: InstanceState?
    /// Whether its file is not as it is.
    var isUnsaved = false
    private var replies: [(purpose: PendingRequest.Purpose, number: Int, reply: Reply)] = []

    init(_ record: InstanceRecord, _ lifecycle: InstanceLifecycle, isStray: Bool = false) {
        self.record = record
        self.lifecycle = lifecycle
        self.isStray = isStray
    }

    var id: HostName { record.id }
    var kind: InstanceKind { record.kind }
    /// As people call it.
    var title: String { "\(kind.rawValue) \(id)" }

    /// Has a request that its file tells of answered.
    func await(recorded request: PendingRequest, _ reply: @escaping Reply) {
        replies.append((request.purpose, request.number, reply))
    }

    /// The same, of a request that its file does not tell of yet.
    func await(_ request: PendingRequest, _ reply: @escaping Reply) {
        replies.append((request.purpose, request.number, reply))
        record.pending.append(request)
        isUnsaved = true
    }

    /// Answers one of them.
    func answer(_ request: PendingRequest, _ outcome: ClusterOutcome) {
        guard let index = replies.firstIndex(where: { $0.number == request.number }) else { return }
        let waiter = replies.remove(at: index)
        record.pending.removeAll { $0.number == request.number }
        waiter.reply(outcome)
    }

    /// Answers all who wait for this, and need not be told by a later pm-cluster either.
    func answer(_ purpose: PendingRequest.Purpose, _ outcome: ClusterOutcome) {
        let waiting = replies.filter { $0.purpose == purpose }
        replies.removeAll { $0.purpose == purpose }
        if record.pending.contains(where: { $0.purpose == purpose }) {
            record.pending.removeAll { $0.purpose == purpose }
            isUnsaved = true
        }
        for waiter in waiting { waiter.reply(outcome) }
    }

    /// The answer to whoever has asked for it.
    var created: ClusterOutcome {
        let host = record.host ?? id
        guard kind == .vm else { return .nodeCreated(id, on: host) }
        let process = process ?? record.processID.map { InstanceProcess(id: $0, pid: nil) }
        return .vmAllocated(id, on: host, process ?? InstanceProcess(id: id.name, pid: nil))
    }

    /// - Parameter hostIsOffline: whether its host is away.
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
