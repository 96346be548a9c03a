import Drivers
import LinuxSystem
import Model

/// All of an agent that does not depend on who it is: a virtual machine has it done before it hears that, once for all that
/// are cloned from it.
final class AgentFoundation {
    /// Held for as long as the agent runs: two agents would tread on each other's files.
    let lock: Descriptor
    let link: KeeperLink
    let loop: EventLoop
    let forest: ProcessForest
    let stateStore: AgentStateStore
    let launcher: Launcher
    let pool: PrestartPool
    let supervisor: Supervisor
    /// Whether processes may live that nobody knows any more.
    private(set) var hasStrangers = false
    private var held: [KeeperLink.Held]
    private var contents: Journal.Contents
    private var stored: [Name: PersistentSpecs.Stored]
    private var isRecovered = false
    private let state: String

    /// - Parameters:
    ///   - state: the state directory.
    ///   - name: of the agent's processes as a group, the same after a restart; with the directory's identity it is no other
    ///     agent's on this machine.
    ///   - bootID: of the machine's present run. One that is to be cloned has no state that outlives it; and a kernel that is
    ///     asked remembers what it has said, so that all clones would have the same.
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
            journal: journal, specs: specs, starts: ScheduleCatchUp(stateDirectory: state, loop: loop), loop: loop)
        // What is on the disk may be old, and no number may be given twice.
        let latest = contents.isInherited ? max(contents.latestLaunch, held.map(\.launch).max() ?? 0) : 0
        launcher = try Launcher(link: link, forest: forest, latest: latest, loop: loop)
        pool = PrestartPool(loop: loop, launcher: launcher, link: link)
        supervisor = Supervisor(
            loop: loop, clock: try SystemClock(loop: loop), launcher: launcher, pool: pool, link: link,
            stateStore: stateStore, strays: Strays(loop: loop, forest: forest), logDirectory: "\(state)/log")
        forest.keeper.holder = link.holder.pid
        link.holder.replaced = { [weak supervisor, keeper = forest.keeper, unowned holder = link.holder] in
            keeper.holder = holder.pid
            supervisor?.holdAgain()
        }
        stateStore.setAside(contents.damage)
        let known = Set(contents.records.values.map(\.launch.number))
        hasStrangers = contents.damage != nil && !contents.isInherited && forest.hasStrangers(besides: known)
    }

    /// Takes up what an agent before this one has left; once.
    func recover() {
        guard !isRecovered else { return }
        isRecovered = true
        supervisor.strays.inherit(contents.strays)
        supervisor.recover(contents, held: held, stored: stored, hasStrangers: hasStrangers)
        // Whom only a damaged journal knew is nobody's, and yet somebody's.
        if contents.isFound, !stateStore.isDamaged { forest.sweep(except: supervisor.launches) }
        // A worker that takes over changes nothing.
        if hasStrangers { stateStore.note(.applied) }
        (held, contents, stored) = ([], Journal.Contents(), [:])
        do throws(SystemError) { try link.holder.listen(in: state) } catch {
            Log.note("the log pipes will not be handed to the next agent: \(error)")
        }
    }

    /// Removes what is of use only while processes run.
    func clear() {
        forest.clear()
        link.holder.forget(in: state)
    }
}
