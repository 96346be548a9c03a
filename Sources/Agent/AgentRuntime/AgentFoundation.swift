import Drivers
import LinuxSystem
import Model
import ServiceSupport

/// The parts of an agent that depend only on its state directory: keeper link, journal, launcher, supervisor.
///
/// It is separate from ``Agent`` for VMs: a template creates it once, before it has an identity, and all clones share
/// that work. The initializer takes the lock and reads the state of the previous worker or agent; ``recover()`` then
/// adopts its processes, once; ``end(then:)`` stops everything.
final class AgentFoundation {
    /// Locks the state directory while the agent runs, so that no second agent uses it.
    let lock: Descriptor
    let link: KeeperLink
    let loop: EventLoop
    let forest: ProcessForest
    let stateStore: AgentStateStore
    let launcher: Launcher
    let pool: PrestartPool
    let supervisor: Supervisor
    /// Whether processes that no record describes may still run: the journal is damaged, and there are process groups
    /// of this agent that it does not mention.
    private(set) var hasUnknownProcesses = false
    private var held: [KeeperLink.Held]
    private var contents: Journal.Contents
    private var stored: [Name: PersistentSpecs.Stored]
    private var isRecovered = false
    /// The state directory.
    let state: String

    /// - Parameters:
    ///   - state: the state directory.
    ///   - name: prefix of the agent's cgroups, the same after a restart. With the identity of the state directory
    ///     appended it is unique on the host.
    ///   - bootID: identifies the host's present boot. A guest passes a constant: none of its state outlives a boot,
    ///     and the kernel creates its boot id at the first read, so that all clones would share one.
    init(state: String, name: String, bootID: String, link: KeeperLink) throws(SystemError) {
        self.link = link
        self.state = state
        OpenFiles.raise()
        held = try link.takeOver()
        try FileSystem.makeDirectories("\(state)/log")
        lock = try Descriptor.lock(
            "\(state)/lock", patience: Limits.lockPatience, refusal: "another agent uses \(state)")
        held += link.holder.takeOver(from: state)
        loop = try EventLoop()
        forest = ProcessForest(name: "\(name)-\(FileSystem.identity(of: state))", holder: link.holder.pid)
        let specs = PersistentSpecs(stateDirectory: state, loop: loop)
        stored = specs.read()
        let journal = Journal(path: "\(state)/journal", bootID: bootID, link: link)
        contents = Journal.read(inherited: link.takeState(), path: "\(state)/journal", bootID: bootID)
        stateStore = AgentStateStore(
            journal: journal, specs: specs, starts: ScheduleCatchUp(stateDirectory: state, loop: loop),
            milestones: contents.isInherited ? contents.milestones : [], begun: contents.begun, loop: loop)
        // No launch number may be given twice. Without an inherited journal the latest is unknown: the file may be old.
        let latest = contents.isInherited ? max(contents.latestLaunch, held.map(\.launch).max() ?? 0) : 0
        launcher = try Launcher(link: link, forest: forest, latest: latest, loop: loop)
        pool = PrestartPool(loop: loop, launcher: launcher, link: link)
        supervisor = Supervisor(
            loop: loop, clock: try SystemClock(loop: loop), launcher: launcher, pool: pool, link: link,
            stateStore: stateStore, strays: Strays(loop: loop, forest: forest), events: EventLog(),
            logDirectory: "\(state)/log")
        forest.keeper.holder = link.holder.pid
        link.holder.replaced = { [weak supervisor, keeper = forest.keeper, unowned holder = link.holder] in
            keeper.holder = holder.pid
            supervisor?.holdAgain()
        }
        stateStore.setAside(contents.damage)
        let known = Set(contents.records.values.map(\.launch.number))
        hasUnknownProcesses =
            contents.damage != nil && !contents.isInherited && forest.hasUnknownProcesses(besides: known)
    }

    /// Adopts the processes of the previous worker or agent; once.
    func recover() {
        guard !isRecovered else { return }
        isRecovered = true
        supervisor.strays.inherit(contents.strays)
        supervisor.recover(contents, held: held, stored: stored, hasUnknownProcesses: hasUnknownProcesses)
        // Don't sweep if the journal was damaged: unknown processes may still be wanted.
        if contents.isFound, !stateStore.isDamaged { forest.sweep(except: supervisor.launches) }
        // With unknown processes, don't apply the spec files: they could start a second copy of one.
        if hasUnknownProcesses { stateStore.note(.applied) }
        (held, contents, stored) = ([], Journal.Contents(), [:])
        do throws(SystemError) { try link.holder.listen(in: state) } catch {
            Log.note("the log pipes will not be handed to the next agent: \(error)", .warning)
        }
    }

    /// Whether no launch is under way and all state is on the disk.
    var isIdle: Bool { launcher.underWay.isEmpty && stateStore.isWritten }

    /// Removes the cgroups and the pipe holder's socket, which are used only while processes run.
    func clear() {
        forest.clear()
        link.holder.forget(in: state)
    }
}
