import Cluster
import JSONCodec
import MQTTTransport
import Model
import Wire

/// One node or VM: its saved record, its lifecycle, and what pm-cluster has observed of it since it started.
///
/// ``Instances`` feeds events to it (``handle(_:)``) and performs the actions that follow. `record` always has the
/// lifecycle's `want`, `isCommitted` and `isMismatched`; ``isUnsaved`` says whether its file is older.
///
/// An instance is *ready* while its agent is online with the generation in the record. A heartbeat's session belongs to
/// that time: when it is no longer ready, the session is forgotten.
final class Instance {
    typealias Reply = (ClusterOutcome) -> Void

    private(set) var record: InstanceRecord
    private(set) var lifecycle: InstanceLifecycle
    /// Whether it was found on a host and has no file.
    let isUnfiled: Bool
    /// What its lifecycle waits for.
    let step = LifecycleStep()
    /// Whether `record` has changes that are not saved.
    private(set) var isUnsaved: Bool
    /// Why it is not in the wanted state; the `reason` in its entry.
    private(set) var reason: Failure?
    /// Whether it is queued until a host has tested its driver; `reason` says so.
    private var isHeldUp = false
    private(set) var isReady = false
    /// The session of its agent. A new value means that the agent was restarted.
    private var session: String?
    /// The process in a VM, after it was started.
    private(set) var process: InstanceProcess?
    /// The status of its own process on the host: the node's agent, or the runner of the VM.
    private(set) var hostStatus = InstanceProcessStatus()
    /// Whether the process in the VM was certainly not started: pm-cluster has launched the VM and not requested the
    /// process since.
    private(set) var isBlank = false
    /// Whether the process has to be learned from the agent in the VM, instead of being started from the file.
    private(set) var isLearning: Bool
    /// The last answer of its host to `get_process`.
    private var found: JSON?
    /// The last state that was logged.
    private var logged: InstanceState?
    private var replies: [(request: PendingRequest, reply: Reply)] = []
    private var lastRequest: Int

    init(_ record: InstanceRecord, _ lifecycle: InstanceLifecycle, isUnfiled: Bool = false) {
        self.record = record
        self.lifecycle = lifecycle
        self.isUnfiled = isUnfiled
        isUnsaved = lifecycle.isMismatched != record.isMismatched
        // The earlier pm-cluster may have been killed before it learned the process.
        isLearning = record.isAdopted && record.kind == .vm
        lastRequest = record.pending.count
        for index in record.pending.indices { self.record.pending[index].number = index + 1 }
        noteLifecycle()
    }

    var id: HostName { record.id }
    var kind: InstanceKind { record.kind }
    /// For log lines and error texts.
    var title: String { "\(kind.rawValue) \(id)" }

    // MARK: The lifecycle

    func handle(_ event: InstanceLifecycle.Event) -> [InstanceLifecycle.Action] {
        defer { noteLifecycle() }
        return lifecycle.handle(event)
    }

    /// Its file may be older than the fleet.
    func beginMismatch() {
        lifecycle.beginMismatch()
        noteLifecycle()
    }

    /// What its file says, or what was adopted in its place, is right.
    func confirm() -> [InstanceLifecycle.Action] {
        defer { noteLifecycle() }
        record.isAdopted = false
        isUnsaved = true
        return lifecycle.confirm()
    }

    private func noteLifecycle() {
        record.want = lifecycle.want
        record.isCommitted = lifecycle.isCommitted
        record.isMismatched = lifecycle.isMismatched
    }

    func save(in directory: StateDirectory) {
        isUnsaved = !directory.save(record)
    }

    func note(_ reason: Failure?) { self.reason = reason }

    /// - Returns: a line for the log when it has reached a state that explains later events.
    func takeLogLine() -> String? {
        let state = lifecycle.state
        if state == .starting { logged = nil }
        guard !isUnfiled, state != logged, [.running, .down, .failed].contains(state) else { return nil }
        logged = state
        let host = record.host.map { " on \($0)" } ?? ""
        let reason = state == .running ? nil : reason?.detail
        return "\(title) is \(state.rawValue)\(host)\(reason.map { ": \($0)" } ?? "")"
    }

    // MARK: Its host

    /// It is queued, and stays so until a host can be chosen.
    func holdUp(_ reason: Failure) {
        isHeldUp = true
        self.reason = reason
    }

    /// A host was chosen.
    func place(on host: HostName) {
        if isHeldUp { reason = nil }
        isHeldUp = false
        record.host = host
    }

    /// Its host was renamed.
    func move(to host: HostName) { record.host = host }

    /// Its host has started it.
    func launched() { isBlank = true }

    /// Takes the entry of its process on the host, or nil if the host no longer knows it.
    ///
    /// - Returns: whether its status has changed.
    func takeHostStatus(_ entry: JSON?) -> Bool {
        let status = Self.status(entry)
        defer { hostStatus = status }
        return status != hostStatus
    }

    private static func status(_ entry: JSON?) -> InstanceProcessStatus {
        entry.map { InstanceProcessStatus(entry: $0) } ?? InstanceProcessStatus()
    }

    // MARK: Generations

    /// Takes a new generation, which replaces what runs.
    ///
    /// - Returns: a generation that was replaced so long ago that the record no longer has it.
    func renew(_ generation: String) -> String? {
        record.replaced.append(record.generation)
        record.generation = generation
        record.isAdopted = false
        (isReady, session) = (false, nil)
        // The process is started from the file again.
        isLearning = false
        return record.replaced.count > Limits.replacedGenerations ? record.replaced.removeFirst() : nil
    }

    /// Takes the entry of its process from its host's answer, for ``adopt(on:)``.
    func takeFound(_ process: JSON) { found = process }

    /// Takes over generation, labels and size from what its host runs.
    ///
    /// - Returns: whether the host has reported such an instance.
    func adopt(on host: HostName) -> Bool {
        guard let found, let generation = found["config"]?["generation"]?.string else { return false }
        var orphan = Orphan(kind: kind, id: id, host: host, generation: generation)
        orphan.take(found["config"] ?? [:])
        record.generation = generation
        record.labels = orphan.labels
        if let vm = orphan.vm { record.vm = vm }
        record.isAdopted = true
        isLearning = kind == .vm
        return true
    }

    // MARK: Its agent

    /// Takes what is known of the host that has its name.
    ///
    /// - Returns: whether it has become ready, or is no longer ready.
    func takePresence(_ presence: HostTable.Presence, generation: String?) -> Bool {
        guard presence != .unknown else { return false }
        let wasReady = isReady
        isReady = presence == .online && generation == record.generation
        guard wasReady != isReady else { return false }
        session = nil
        return true
    }

    /// Takes the session from its agent's heartbeat.
    ///
    /// - Returns: whether its agent was restarted, and its absence was not noticed.
    func takeSession(_ session: String) -> Bool {
        guard isReady else { return false }
        defer { self.session = session }
        return self.session != nil && session != self.session
    }

    /// Whether it is ready, and a restart of its agent could not be noticed.
    var lacksSession: Bool { isReady && session == nil }

    // MARK: The process in a VM

    /// Its agent is asked to start the process.
    func requestedProcess() { isBlank = false }

    /// - Parameter id: nil for the id in the record.
    func processStarted(_ id: Name? = nil, pid: Int32?) {
        process = (id ?? record.processID).map { InstanceProcess(id: $0, pid: pid) }
    }

    /// Takes the config of the process that its agent already runs.
    func learn(_ config: JSON?) {
        isLearning = false
        record.config = config
        isUnsaved = true
        processStarted(pid: nil)
    }

    /// Takes an entry of its agent, or nil if the agent no longer knows the process.
    ///
    /// - Returns: whether it is about the process that pm-cluster has started.
    func takeProcess(_ id: Name, _ entry: JSON?) -> Bool {
        guard id == record.processID else { return false }
        process = InstanceProcess(id: id, pid: entry?["pid"]?.integer.flatMap(Int32.init(exactly:)))
        process?.status = Self.status(entry)
        return true
    }

    // MARK: Requests

    /// Adds a request to the record.
    func add(_ purpose: PendingRequest.Purpose, _ message: Message) -> PendingRequest {
        lastRequest += 1
        let request = PendingRequest(purpose: purpose, message: message, number: lastRequest)
        record.pending.append(request)
        isUnsaved = true
        return request
    }

    /// Has a request of the record answered.
    func await(_ request: PendingRequest, _ reply: @escaping Reply) { replies.append((request, reply)) }

    /// Answers one request.
    func answer(_ request: PendingRequest, _ outcome: ClusterOutcome) {
        guard let index = replies.firstIndex(where: { $0.request.number == request.number }) else { return }
        let waiter = replies.remove(at: index)
        record.pending.removeAll { $0.number == request.number }
        waiter.reply(outcome)
    }

    /// Answers all requests for this purpose, and removes them from `record`.
    func answer(_ purpose: PendingRequest.Purpose, _ outcome: ClusterOutcome) {
        let waiting = replies.filter { $0.request.purpose == purpose }
        replies.removeAll { $0.request.purpose == purpose }
        if record.pending.contains(where: { $0.purpose == purpose }) {
            record.pending.removeAll { $0.purpose == purpose }
            isUnsaved = true
        }
        for waiter in waiting { waiter.reply(outcome) }
    }
}
