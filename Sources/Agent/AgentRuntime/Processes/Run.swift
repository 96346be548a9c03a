import var Glibc.SIGCONT
import var Glibc.SIGKILL
import LinuxSystem
import Logs
import Model
import ServiceSupport

/// What belongs to a launch until its tree is gone: main process, tree and pipes.
///
/// ``ManagedProcess`` has one from ``ManagedProcess/launched(_:command:)`` to ``ManagedProcess/released()``. Its
/// ``LaunchRecord`` stays, for queries.
final class Run {
    let tree: ProcessTree
    /// The main process; kept after its end, so that signals can't reach a later process with the same pid. Nil if it
    /// had ended before this worker could adopt it.
    private var main: ProcessHandle?
    /// Whether the main process lives.
    private(set) var isUp: Bool
    private(set) var output: ProcessOutput?
    private(set) var readiness: ReadyWatch?
    private let readyPipe: ReadyPipe?
    /// Nil for most runs.
    private var termination: Termination?

    /// - Parameter readyPipe: the pipe of `ready.fd`.
    init(_ main: consuming ProcessHandle?, in tree: ProcessTree, readyPipe: ReadyPipe?) {
        isUp = main != nil
        self.main = main
        self.tree = tree
        self.readyPipe = readyPipe
    }

    /// Takes over what an earlier worker has left of a launch.
    ///
    /// - Parameters:
    ///   - pid: nil if the main process is known to have ended.
    ///   - startTime: of the main process; see ``ProcessHandle/startTime``.
    ///   - isChild: whether the main process is a child of the keeper.
    static func adopt(
        _ pid: Int32?, startTime: UInt64?, isChild: Bool, in tree: ProcessTree, readyDescriptor: Int32?,
        on loop: EventLoop
    ) -> Run {
        guard let pid, let main = ProcessHandle.adopt(pid: pid, startTime: startTime, isChildOfParent: isChild) else {
            return Run(nil, in: tree, readyPipe: nil)
        }
        main.lead(tree)
        var pipe: ReadyPipe?
        if let readyDescriptor, let end = try? main.reopen(readyDescriptor) { pipe = ReadyPipe(end, loop: loop) }
        return Run(main, in: tree, readyPipe: pipe)
    }

    /// Nil as the main process is.
    var identity: (pid: Int32, startTime: UInt64?)? {
        guard let pid = main?.pid else { return nil }
        return (pid, main?.startTime)
    }

    // MARK: Output and readiness

    /// Has what the tree writes to stdout and stderr written to logs.
    ///
    /// - Parameter isNew: whether nothing has come through the pipes yet; false for an adopted process.
    func collect(
        _ output: consuming Descriptor, _ error: consuming Descriptor, into place: ProcessOutput.Place, isNew: Bool,
        for supervisor: Supervisor
    ) {
        tree.writes(to: output, error)
        do throws(SystemError) {
            self.output = try ProcessOutput(place, isNew: isNew, output: output, error: error, supervisor: supervisor)
        } catch {
            Log.note("the output of \(place.id) is lost: \(error)", .error)
        }
        readiness?.watch(place.id, supervisor.subscriptions)
    }

    /// The read ends of the pipes for stdout and stderr, through the descriptors of the main process; nil if it has
    /// others there.
    func reopenPipes() -> Launcher.OutputPipes? {
        guard let output = try? main?.reopen(1), let error = try? main?.reopen(2) else { return nil }
        return Launcher.OutputPipes(output: output, error: error)
    }

    /// Prepares to watch for readiness. To be called before the output is collected; ``ReadyWatch/begin()`` follows.
    ///
    /// - Returns: false when readiness can't be seen, because the process has closed `ready.fd`.
    func watchReadiness(_ rules: ReadyRules, on loop: EventLoop, found: @escaping () -> Void) -> Bool {
        guard rules.descriptor == nil || readyPipe != nil else { return false }
        readiness = ReadyWatch(rules, pipe: readyPipe, loop: loop, found: found)
        return true
    }

    func endReadiness() { readiness = nil }

    /// Discards what the process writes to `ready.fd`, because an earlier worker has seen that it is ready.
    func discardReports() { readyPipe?.read() }

    // MARK: Its end

    /// The main process has ended and was reaped.
    ///
    /// - Returns: whether the tree is empty.
    func mainExited() -> Bool {
        isUp = false
        tree.mainEnded()
        return tree.removeIfEmpty()
    }

    /// Watches the end of a main process that is not a child of the keeper. Its pidfd shows the end; the kernel tells
    /// the exit status once the parent has reaped the process.
    ///
    /// - Parameter ended: called once; nil when the exit status can't be learned.
    func watchOrphan(on loop: EventLoop, ended: @escaping (ExitStatus?) -> Void) {
        guard let number = main?.exitDescriptor else { return }
        try? loop.watch(number, for: .read) { [weak self] _ in
            loop.unwatch(number)
            self?.learnExit(on: loop, patience: Limits.orphanPatience, ended)
        }
    }

    /// - Parameter patience: seconds to wait for the exit status.
    private func learnExit(on loop: EventLoop, patience: Double, _ ended: @escaping (ExitStatus?) -> Void) {
        guard main?.isExitStatusDue == true, patience > 0 else { return ended(main?.exitStatus.map { ExitStatus($0) }) }
        loop.after(.seconds(Limits.orphanRecheck)) { [weak self] in
            self?.learnExit(on: loop, patience: patience - Limits.orphanRecheck, ended)
        }
    }

    /// Sends a signal to the main process only.
    func signal(_ signal: Int32) { main?.signal(signal) }

    /// Sends the stop signal.
    func terminate(by rules: StopRules, isAgent: Bool) {
        // Its descendants may be hard to find once it has ended.
        tree.remember()
        if isUp {
            main?.signal(rules.signal)
            main?.signal(SIGCONT)
            // The main process stops its descendants itself, in order.
            if isAgent || rules.target == .main { return }
        }
        tree.signal(rules.signal, continues: true)
    }

    /// Sends SIGKILL to the tree. To be repeated every ``Limits/killRecheck`` seconds.
    ///
    /// - Returns: why the tree still lives after ``Limits/killPatience``; nil before that.
    func kill() -> String? {
        let termination = begunTermination
        termination.kill()
        if isUp, let delivery = main?.signal(SIGKILL) { termination.add(delivery) }
        return termination.obstacle
    }

    /// Waits for the remnants that live now. Processes that appear in the tree later are killed without waiting.
    func awaitRemnants() { begunTermination.awaitMembers() }

    func lookAtRemnants() -> Termination.Remnants { begunTermination.look() }

    private var begunTermination: Termination {
        let present = termination ?? Termination(of: tree)
        termination = present
        return present
    }

    /// The remnants that live now; nil when there are none.
    func census() -> LeftBehind? {
        let (count, names) = tree.census(names: Limits.leftBehindNames)
        guard count > 0 else { return nil }
        return LeftBehind(count: count, names: names.compactMap { LastWords.of($0, limit: Limits.leftBehindName) })
    }
}
