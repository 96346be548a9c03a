import var Glibc.SIGCONT
import var Glibc.SIGKILL
import var Glibc.SIGTERM
import LinuxSystem
import Model
import ServiceSupport

/// Finds strays: orphans that the keeper has adopted and that belong to no live launch.
///
/// A stray of an ended launch is killed. The origin of any other stray is unknown: it is reported as a health reason
/// and stopped when the agent ends. It may be wanted, so it is not killed earlier. Also here are trees that the
/// supervisor has abandoned because SIGKILL did not end them in time, and newborns of failed starts that hang in the
/// kernel.
///
/// The supervisor has it look shortly after each end of a process, and with each health message. Each look takes the
/// keeper's orphans, asks the supervisor for the owner of each new one, and sorts it into `known`, `killed`, `unknown`
/// or `hanging`.
final class Strays: HealthSource {
    private let loop: EventLoop
    private let forest: ProcessForest
    /// Called when ``reasons`` has changed.
    var changed: () -> Void = {}
    /// The owner of an orphan, and whether a launch is live; set by the supervisor.
    var owner: (Int32) -> Owner = { _ in .none }
    var isLive: (UInt64) -> Bool = { _ in false }

    enum Owner {
        case launch(UInt64), endedLaunch, none
        /// To be asked again later.
        case unclear
    }

    /// Orphans of live launches, with the launch.
    private var known: [ProcessIdentity: UInt64] = [:]
    /// Killed, but not gone yet.
    private var killed: Set<ProcessIdentity> = []
    private var unknown: Set<ProcessIdentity> = []
    /// Newborns of failed starts that wait in the kernel for a file system that does not answer.
    private var hanging: Set<ProcessIdentity> = []
    /// Orphans found by the last look of `hunt()`: processes that fork and exit all the time.
    private var elusive: Set<ProcessIdentity> = []
    /// Trees that did not end in time.
    private var abandoned: [(id: Name, tree: ProcessTree)] = []
    private var timer: TimerID?
    private var whenGone: (() -> Void)?

    init(loop: EventLoop, forest: ProcessForest) {
        self.loop = loop
        self.forest = forest
    }

    var reasons: [String] {
        var left = abandoned.map { "process \($0.id) has left processes behind that can't be ended: \($0.tree.list)" }
        if !hanging.isEmpty { left.append("failed starts hang and can't be ended: \(hanging.list)") }
        guard !unknown.isEmpty else { return left }
        return left + ["no process of the agent is known to have started \(unknown.list)"]
    }

    // MARK: Looking

    /// Looks after a short delay, once for many ends.
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
        // Before the new ones are judged, so that a short-lived one is reported until the next look.
        unknown = unknown.filter { !$0.hasEnded }
        judge(present.subtracting(known.keys).subtracting(unknown).subtracting(hanging), told: before[0])
        killed.formIntersection(present)
        hanging = hanging.filter { !$0.hasEnded }
        for (_, tree) in abandoned { tree.kill() }
        abandoned.removeAll { $0.tree.removeIfEmpty() }
        // Compares counts only: a process that is replaced between two looks is not reported each time.
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

    /// - Parameter told: the number of unknown strays that were reported before.
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
        // One line for all, because they may be many.
        if !ended.isEmpty { Log.note("kills what ended processes have left behind: \(ended.list)", .warning) }
        if unknown.count + found.count > told {
            Log.note("no process of the agent is known to have started \(found.list)", .warning)
        }
        for process in ended { for member in ProcessIdentity.family(of: process) { member.signal([SIGKILL]) } }
        if !ended.isEmpty { lookSoon() }
        killed.formUnion(ended)
        unknown.formUnion(found)
    }

    /// Takes over a tree that did not end in time and that the supervisor waits for no longer.
    func abandon(_ tree: ProcessTree, of id: Name) {
        Log.note("process \(id) has left processes behind that can't be ended: \(tree.list)", .error)
        abandoned.append((id, tree))
        changed()
    }

    // MARK: Ending

    /// The strays that still live, by pid.
    var left: [ProcessIdentity] {
        let members = abandoned.flatMap { $0.tree.members().compactMap { ProcessIdentity(of: $0) } }
        return Set(unknown.union(killed).union(hanging).filter { !$0.hasEnded } + members).union(elusive)
            .sorted { $0.pid < $1.pid }
    }

    /// Takes over the unknown strays of an earlier agent, which are not children of this keeper.
    func inherit(_ strays: Set<ProcessIdentity>) { unknown.formUnion(strays.filter { !$0.hasEnded }) }

    /// Ends all strays. To be called when all launches have ended, so that every orphan is one.
    ///
    /// - Parameters:
    ///   - grace: seconds between SIGTERM and SIGKILL; a repeated call sends SIGKILL at once.
    ///   - then: called when all are gone, or could not be ended.
    func endAll(grace: Double, then: @escaping () -> Void) {
        let isRepeated = whenGone != nil
        whenGone = nil
        look()
        // A process that forks and exits all the time may be missed by one look.
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

    /// Kills processes that fork and exit all the time, and so are missed by many looks.
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
    /// "12 (sleep), 13 (sleep) and 8 more".
    var list: String {
        let shown = sorted { $0.pid < $1.pid }.prefix(Limits.listedProcesses).map(\.description)
        let rest = count - shown.count
        return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}
