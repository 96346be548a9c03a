import Glibc
import LinuxSystem
import Model

/// Finds what runs below the keeper and belongs to no process of the agent. What an ended launch has left is ended; of the
/// rest it is not known whose it is: it is told of, and ended with the agent.
///
/// It looks after an end, and with each health message.
final class Strays: HealthSource {
    private let loop: EventLoop
    private let forest: ProcessForest
    /// Told when ``reasons`` are others.
    var changed: () -> Void = {}
    /// The owner of an orphan, and whether a launch goes on; told by the supervisor.
    var owner: (Int32) -> Owner = { _ in .none }
    var isLive: (UInt64) -> Bool = { _ in false }

    enum Owner {
        case launch(UInt64), endedLaunch, none
        /// It is to be asked again.
        case unclear
    }

    /// Those that are of a launch that goes on.
    private var known: [ProcessIdentity: UInt64] = [:]
    /// Those that have been killed.
    private var killed: Set<ProcessIdentity> = []
    private var unknown: Set<ProcessIdentity> = []
    /// Starts that have failed and whose newborns wait in the kernel, for a file system that does not answer.
    private var hanging: Set<ProcessIdentity> = []
    /// The latest of those that are others at each look.
    private var elusive: Set<ProcessIdentity> = []
    /// What is left of launches that were not waited for.
    private var abandoned: [(id: Name, tree: ProcessTree)] = []
    private var timer: TimerID?
    private var whenGone: (() -> Void)?

    init(loop: EventLoop, forest: ProcessForest) {
        self.loop = loop
        self.forest = forest
    }

    var reasons: [String] {
        var left = abandoned.map { "process \($0.id) has left behind, and not ended so far: \($0.tree.list)" }
        if !hanging.isEmpty { left.append("starts that have failed hang, and can't be ended: \(hanging.list)") }
        guard !unknown.isEmpty else { return left }
        return left + ["no process of the agent is known to have started \(unknown.list)"]
    }

    // MARK: Looking

    /// A single look for many ends.
    func lookSoon() {
        guard timer == nil else { return }
        timer = loop.after(.seconds(Limits.strayDelay)) { [weak self] in self?.look() }
    }

    func look() {
        loop.cancel(timer)
        timer = nil
        let before = [unknown.count, hanging.count, abandoned.count]
        let present = orphans()
        known = known.filter { present.contains($0.key) && isLive($0.value) }
        // Before the new ones are judged: one that lives for a moment only is told of until the next look.
        unknown = unknown.filter { !$0.hasEnded }
        judge(present.subtracting(known.keys).subtracting(unknown).subtracting(hanging), told: before[0])
        killed.formIntersection(present)
        hanging = hanging.filter { !$0.hasEnded }
        for (_, tree) in abandoned { tree.kill() }
        abandoned.removeAll { $0.tree.removeIfEmpty() }
        // One that is another at each look is no news each time.
        if before != [unknown.count, hanging.count, abandoned.count] { changed() }
        if whenGone != nil, left.isEmpty { finish() }
    }

    private func orphans() -> Set<ProcessIdentity> {
        forest.keeper.lookAgain()
        var found: Set<ProcessIdentity> = []
        for pid in forest.keeper.orphans() {
            guard let process = ProcessStatistics.read(pid), !process.hasEnded, forest.keeper.isParent(of: process)
            else { continue }
            found.insert(ProcessIdentity(pid: pid, startTime: process.startTime))
        }
        return found
    }

    /// - Parameter told: how many unknown ones there were at the look before.
    private func judge(_ orphans: Set<ProcessIdentity>, told: Int) {
        var (ended, found): (Set<ProcessIdentity>, Set<ProcessIdentity>) = ([], [])
        for process in orphans {
            switch owner(process.pid) {
            case .launch(let launch): known[process] = launch
            case .endedLaunch where process.isUnborn, .none where process.isUnborn: hanging.insert(process)
            case .endedLaunch where !killed.contains(process): ended.insert(process)
            case .endedLaunch, .none: found.insert(process)
            case .unclear: lookSoon()
            }
        }
        // One line for all: they may be many.
        if !ended.isEmpty { Log.note("ends what processes have left behind: \(ended.list)") }
        if unknown.count + found.count > told {
            Log.note("no process of the agent is known to have started \(found.list)")
        }
        for process in ended { for member in ProcessIdentity.family(of: process) { member.signal([SIGKILL]) } }
        if !ended.isEmpty { lookSoon() }
        killed.formUnion(ended)
        unknown.formUnion(found)
    }

    /// What did not end in time, and is not waited for any more.
    func abandon(_ tree: ProcessTree, of id: Name) {
        Log.note("process \(id) has left behind, and not ended so far: \(tree.list)")
        abandoned.append((id, tree))
        changed()
    }

    // MARK: Ending

    /// What lives still.
    var left: [ProcessIdentity] {
        let members = abandoned.flatMap { $0.tree.members().compactMap { ProcessIdentity(of: $0) } }
        return Set(unknown.union(killed).union(hanging).filter { !$0.hasEnded } + members).union(elusive)
            .sorted { $0.pid < $1.pid }
    }

    /// Takes over what an earlier agent has left. They are no children of the keeper.
    func inherit(_ strays: Set<ProcessIdentity>) { unknown.formUnion(strays.filter { !$0.hasEnded }) }

    /// Now that all launches have ended, what is left here is something that they have started.
    ///
    /// - Parameters:
    ///   - grace: seconds between SIGTERM and SIGKILL; a second call does not wait for them.
    ///   - then: called when all are gone, or can't be ended.
    func endAll(grace: Double, then: @escaping () -> Void) {
        let isRepeated = whenGone != nil
        whenGone = nil
        look()
        // What becomes another process again and again may have been in between.
        for _ in 0..<3 where left.isEmpty { look() }
        guard !left.isEmpty else { return then() }
        whenGone = then
        guard !isRepeated else { return killAll() }
        for process in unknown {
            for member in ProcessIdentity.family(of: process) { member.signal([SIGTERM, SIGCONT]) }
        }
        loop.after(.seconds(grace)) { [weak self] in self?.killAll() }
    }

    private func killAll() {
        guard whenGone != nil else { return }
        for process in unknown { for member in ProcessIdentity.family(of: process) { member.signal([SIGKILL]) } }
        hunt()
        lookSoon()
        loop.after(.seconds(Limits.killRecheck)) { [weak self] in self?.finish() }
    }

    /// Kills what becomes another process again and again, and may have been missed in between.
    private func hunt() {
        var quietLooks = 0
        for _ in 0..<Limits.strayLooks where quietLooks < 3 {
            elusive = orphans().filter { !$0.isUnborn }
            quietLooks = elusive.isEmpty ? quietLooks + 1 : 0
            for process in elusive { process.signal([SIGKILL]) }
        }
    }

    private func finish() {
        guard let then = whenGone else { return }
        whenGone = nil
        then()
    }
}

extension ProcessTree {
    fileprivate var list: String { Set(members().compactMap { ProcessIdentity(of: $0) }).list }
}

extension Set<ProcessIdentity> {
    /// "12 (sleep), 13 (sleep)", however many they are.
    var list: String {
        let shown = sorted { $0.pid < $1.pid }.prefix(Limits.listedProcesses).map(\.description)
        let rest = count - shown.count
        return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}
