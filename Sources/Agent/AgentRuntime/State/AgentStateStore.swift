import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import ServiceSupport

/// The agent's stored state: journal, persistent specs and catch-up times. From it the next worker or agent adopts the
/// processes. Failed writes are retried every ``Limits/stateRetry`` seconds and are health reasons meanwhile.
final class AgentStateStore: HealthSource {
    private let journal: Journal
    private let specs: PersistentSpecs
    private let starts: ScheduleCatchUp
    private let loop: EventLoop
    private var retry: TimerID?
    /// Whether a damaged journal of this boot was kept for an operator and is still there.
    private(set) var isDamaged = false

    /// The milestones that this agent has reached, in this worker or an earlier one.
    private(set) var milestones: Set<Milestone>

    /// What must not be carried out twice.
    private(set) var begun: BegunRequests

    /// Returns the journal lines of all processes, for a rewrite.
    var snapshot: () -> [[JSON.Member]] = { [] }

    /// - Parameters:
    ///   - milestones: those that the journal of an earlier worker of this agent has.
    ///   - begun: the requests that the journal has.
    init(
        journal: Journal, specs: PersistentSpecs, starts: ScheduleCatchUp, milestones: Set<Milestone>,
        begun: BegunRequests, loop: EventLoop
    ) {
        self.journal = journal
        self.specs = specs
        self.starts = starts
        self.milestones = milestones
        self.begun = begun
        self.loop = loop
    }

    /// Appends changed members of a process to the journal.
    func note(_ id: Name, _ members: [JSON.Member], in copy: Journal.Copy = .both) {
        append([.init("id", .string(id.description))] + members, to: copy)
    }

    private func append(_ line: [JSON.Member], to copy: Journal.Copy) {
        journal.append(line, to: copy)
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

    /// Records a request that is about to be carried out, and must not be carried out again.
    func note(begun digest: PayloadDigest) { append(begun.note(digest), to: .both) }

    /// Appends the strays that still run when the agent ends.
    func note(strays: [ProcessIdentity]) {
        guard !strays.isEmpty else { return }
        journal.append([.init("strays", .array(strays.map(\.json)))], to: .both)
    }

    private static func members(of milestone: Milestone) -> [JSON.Member] { [.init(milestone.rawValue, true)] }

    func rewrite() {
        journal.rewrite(milestones.map(Self.members) + begun.members + snapshot())
        retryIfNeeded()
    }

    /// Stores the persistent spec of a process, or removes it (nil).
    func store(_ id: Name, _ stored: PersistentSpecs.Stored?) {
        specs.store(id, stored)
        retryIfNeeded()
    }

    /// Stores the next start of a process with `schedule_catch_up`, or removes it (nil).
    func promise(_ id: Name, _ promise: ScheduleCatchUp.Promise?) {
        starts.promise(id, promise)
        retryIfNeeded()
    }

    /// The next start that the previous agent stored; returned once.
    func takePromise(_ id: Name, _ schedule: String) -> Double? { starts.takeInherited(id, schedule) }

    /// Keeps a copy of a damaged journal for an operator. Health tells of it until it is removed, or the host boots again.
    ///
    /// - Parameter damage: what is wrong with the journal; nil if nothing is.
    func setAside(_ damage: String?) {
        if let damage {
            Log.note("the journal is damaged (\(damage)), and kept as \(journal.damagedPath)", .error)
            journal.setAside()
        }
        lookForDamage()
    }

    func lookForDamage() { isDamaged = journal.hasDamage() }

    /// Schedules a retry after a failed write: a full disk may have room again later.
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

    /// What is wrong with the stored state.
    var reasons: [String] {
        let damage = "processes may be unknown: the journal was damaged, see \(journal.damagedPath)"
        return (journal.failure.map { ["state is not saved: \($0)"] } ?? []) + (isDamaged ? [damage] : [])
            + specs.reasons + starts.reasons
    }

    /// Whether no file is being written.
    var isWritten: Bool { !specs.isWriting && !starts.isWriting }

    /// Ends the store of an agent that has stopped all its processes: the next agent needs no journal.
    ///
    /// - Parameter then: called when the persistent specs and catch-up times are on the disk, or have failed.
    func close(then: @escaping () -> Void) {
        journal.remove()
        specs.whenWritten { [starts] in starts.whenWritten(then) }
    }
}
