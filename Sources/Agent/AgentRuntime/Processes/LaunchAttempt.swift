import Drivers
import var Glibc.SIGKILL
import LinuxSystem
import Logs
import Model

/// One execution of a launch plan, from its preparation until its result is known.
///
/// ``Launcher`` prepares it on the loop. A thread of ``BlockingCalls`` calls ``perform()``, which blocks until the
/// program has been executed or has failed. Everything under "On the loop" is called from the loop; while the thread
/// works, only ``interrupt()`` and ``silence``.
final class LaunchAttempt {
    let launch: UInt64
    let plan: LaunchPlan
    let tree: ProcessTree
    private let options: SpawnOptions
    private let streams: LaunchStreams
    /// Kept open while a child may need it: its stdin, and the descriptors in `plan` and `options`.
    private let null: SharedDescriptor
    /// Replaces the error when the working directory could not be entered, where the policy hides which directories
    /// exist.
    private let refusal: Failure?
    private let child = SpawnProgress()
    private let lookers = LaunchDiagnosis.Lookers()
    private var handle: ProcessHandle?
    private var failure: Failure?

    init(
        _ launch: UInt64, _ plan: LaunchPlan, _ options: SpawnOptions, in tree: ProcessTree, _ streams: LaunchStreams,
        null: SharedDescriptor, refusal: Failure? = nil
    ) {
        self.launch = launch
        self.plan = plan
        self.options = options
        self.tree = tree
        self.streams = streams
        self.null = null
        self.refusal = refusal
    }

    // MARK: In a thread

    /// Starts the process and waits until it has executed its program.
    func perform() {
        let (input, output, error) = streams.standard
        let standard = (
            input: input ?? null.number, output: output ?? null.number, error: error ?? null.number
        )
        do throws(SpawnError) {
            handle = try ProcessHandle.spawn(plan, standard: standard, options: options, child: child)
        } catch {
            let diagnosis = LaunchDiagnosis(of: error, plan, by: lookers)
            failure =
                (error.isOfDirectory ? refusal : nil) ?? Failure(.execFailed, diagnosis.text, words: error.reason)
        }
    }

    // MARK: On the loop

    /// Kills the children that hang. A child in an uninterruptible system call hangs on.
    func interrupt() {
        child.kill()
        lookers.interrupt()
    }

    /// The error of an attempt that hangs.
    var silence: Failure {
        FileView.silence(
            of: child.isEnteringDirectory ? "working directory \(plan.directory)" : "program \(plan.executable)")
    }

    /// Takes the result after ``perform()`` has returned.
    func begin() throws(Failure) {
        if let failure { throw failure }
        guard let handle = handle.take() else { return }
        tree.begin(with: handle)
        self.handle = consume handle
    }

    /// Kills the main process, which signals to the tree don't reach.
    func kill() { handle?.signal(SIGKILL) }

    /// Passes what a process needs of the launch to the caller, once.
    func take() throws(Failure) -> Launched {
        guard let pipes = streams.takePipes(), let handle = handle.take() else {
            throw Failure(.internal, "its output pipes are already taken")
        }
        return Launched(handle: handle, tree: tree, arguments: plan.arguments, pipes: pipes)
    }

    func takeCheckPipe() -> Descriptor? { streams.takeCheckPipe() }
}
