import JSONCodec
import LinuxSystem
import Model

/// What the agent writes down, so that whoever comes after it can go on: the journal and the persistent specs.
final class AgentStateStore: HealthSource {
    private let journal: Journal
    private let specs: PersistentSpecs
    private let starts: ScheduleCatchUp
    private let loop: EventLoop
    private var retry: TimerID?
    /// Whether a damaged journal waits for somebody to look at it.
    private(set) var isDamaged = false

    /// Those that this agent has reached, with whichever worker.
    var milestones: Set<Milestone> = []

    /// What a new journal says of processes.
    var snapshot: () -> [[JSON.Member]] = { [] }

    init(journal: Journal, specs: PersistentSpecs, starts: ScheduleCatchUp, loop: EventLoop) {
        self.journal = journal
        self.specs = specs
        self.starts = starts
        self.loop = loop
    }

    /// Writes down what is new of a process.
    func note(_ id: Name, _ members: [JSON.Member], in copy: Journal.Copy = .both) {
        journal.append([.init("id", .string(id.description))] + members, to: copy)
        if journal.isDue { rewrite() } else { retryIfNeeded() }
    }

    func noteForgotten(_ id: Name) { note(id, [.init("forgotten", true)]) }

    func note(_ milestone: Milestone) {
        guard milestones.insert(milestone).inserted else { return }
        journal.append(Self.members(of: milestone), to: .both)
        retryIfNeeded()
    }

    func withdraw(_ milestone: Milestone) {
        guard milestones.remove(milestone) != nil else { return }
        journal.append([.init(milestone.rawValue, false)], to: .both)
        retryIfNeeded()
    }

    /// Writes down what an agent that ends leaves behind, beside its processes.
    func note(strays: [ProcessIdentity]) {
        guard !strays.isEmpty else { return }
        journal.append([.init("strays", .array(strays.map(\.json)))], to: .both)
    }

    private static func members(of milestone: Milestone) -> [JSON.Member] { [.init(milestone.rawValue, true)] }

    func rewrite() {
        journal.rewrite(milestones.map(Self.members) + snapshot())
        retryIfNeeded()
    }

    /// Has a process start with the agent from now on, or no longer (nil).
    func store(_ id: Name, _ stored: PersistentSpecs.Stored?) {
        specs.store(id, stored)
        retryIfNeeded()
    }

    /// Has the next agent know when a process is to start, or that it need not (nil).
    func promise(_ id: Name, _ promise: ScheduleCatchUp.Promise?) {
        starts.promise(id, promise)
        retryIfNeeded()
    }

    /// The start that the agent before this one promised; once.
    func takePromise(_ id: Name, _ schedule: String) -> Double? { starts.takeInherited(id, schedule) }

    /// Keeps a journal that is not whole until somebody removes it.
    ///
    /// - Parameter damage: why it is not.
    func setAside(_ damage: String?) {
        if let damage {
            Log.note("the journal is damaged (\(damage)), and kept as \(journal.damagedPath)")
            journal.setAside()
        }
        lookForDamage()
    }

    func lookForDamage() { isDamaged = FileSystem.kind(of: journal.damagedPath) != nil }

    /// A disk that is full now need not be so for ever.
    private func retryIfNeeded() {
        guard retry == nil, journal.failure != nil || specs.hasFailed || starts.hasFailed else { return }
        retry = loop.after(.seconds(Limits.stateRetry)) { [self] in
            retry = nil
            if journal.failure != nil { rewrite() }
            specs.retry()
            starts.retry()
            retryIfNeeded()
        }
    }

    /// Why what it has written down is not what it should be.
    var reasons: [String] {
        let damage = "processes may be unknown: the journal was damaged, see \(journal.damagedPath)"
        return (journal.failure.map { ["state is not saved: \($0)"] } ?? []) + (isDamaged ? [damage] : [])
            + specs.reasons + starts.reasons
    }

    /// The last words of an agent that has stopped all its processes: nothing is left to go on with.
    func close(then: @escaping () -> Void) {
        journal.remove()
        specs.whenWritten { [starts] in starts.whenWritten(then) }
    }
}
