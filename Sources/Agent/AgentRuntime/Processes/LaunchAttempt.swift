import Drivers
import Glibc
import LinuxSystem
import Logs
import Model

/// One start of a process, with all it takes until it is known how it went.
final class LaunchAttempt {
    let launch: UInt64
    let plan: LaunchPlan
    let tree: ProcessTree
    private let options: SpawnOptions
    private let streams: LaunchStreams
    /// Open for as long as a child may need it: what it reads, and what stands behind `plan` and `options`.
    private let null: SharedDescriptor
    private let child = SpawnProgress()
    private let lookers = LaunchDiagnosis.Lookers()
    private var handle: ProcessHandle?
    private var failure: Failure?

    init(
        _ launch: UInt64, _ plan: LaunchPlan, _ options: SpawnOptions, in tree: ProcessTree, _ streams: LaunchStreams,
        null: SharedDescriptor
    ) {
        self.launch = launch
        self.plan = plan
        self.options = options
        self.tree = tree
        self.streams = streams
        self.null = null
    }

    // MARK: In a thread

    /// Starts it, and waits until it has executed its program.
    func perform() {
        let (input, output, error) = streams.standard
        let standard = (
            input: input ?? null.number, output: output ?? null.number, error: error ?? null.number
        )
        do throws(SpawnError) {
            handle = try ProcessHandle.spawn(plan, standard: standard, options: options, child: child)
        } catch {
            failure = Failure(.execFailed, LaunchDiagnosis(of: error, plan, by: lookers).text, words: error.reason)
            isOfDirectory = error.isOfDirectory
        }
    }

    // MARK: On the loop

    /// Whether it failed because its working directory could not be entered.
    private(set) var isOfDirectory = false

    /// What is said instead then, where nobody is to learn which directories there are.
    var refusal: Failure?

    /// Ends what hangs. Where it can't be ended, it goes on hanging.
    func interrupt() {
        child.kill()
        lookers.interrupt()
    }

    /// What it means that it hangs.
    var silence: Failure {
        FileView.silence(
            of: child.isEnteringDirectory ? "working directory \(plan.directory)" : "program \(plan.executable)")
    }

    /// Takes it as it went, when it is through.
    func begin() throws(Failure) {
        if let failure { throw failure }
        guard let handle = handle.take() else { return }
        tree.begin(with: handle)
        self.handle = consume handle
    }

    /// Ends its first process, which no signal to its tree reaches.
    func kill() { handle?.signal(SIGKILL) }

    /// What is held of the process, which is the caller's from now on.
    func takeHandle() -> ProcessHandle? { handle.take() }

    func takePipes() -> Launcher.OutputPipes? {
        streams.takePipes()
    }

    func takeCheckPipe() -> Descriptor? { streams.takeCheckPipe() }
}
