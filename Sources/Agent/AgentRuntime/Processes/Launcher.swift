import Drivers
import var Glibc.O_RDWR
import LinuxSystem
import Logs
import Model
import ServiceSupport
import Wire

/// Executes specs: plans a launch with the spec's driver, checks it against the policy, makes its tree and its pipes,
/// and has a thread start it.
///
/// ``Supervisor`` calls it, on the loop; completions are called on the loop, too. A launch number is in ``underWay``
/// from the order to a thread until that has returned. The end of such a launch, which the keeper may report earlier,
/// is held back until then. The keeper and the pipe holder get the log pipes of a launch before its program can write
/// to them, so that they survive the death of the worker.
///
/// `Launcher+Planning` looks at files, `Launcher+Prestart` launches prestarted processes, `Launcher+Trees` finds the
/// launch of a process.
final class Launcher {
    private(set) var drivers: [String: any Driver] = [:]
    private(set) var policy: Policy?
    let link: KeeperLink
    let forest: ProcessForest
    let null: SharedDescriptor
    let calls: BlockingCalls
    /// The number of the latest launch.
    private(set) var latest: UInt64
    /// Launches that a thread is making.
    private(set) var underWay: Set<UInt64> = []
    /// Ends of launches under way that the keeper has reported.
    private var ends: [UInt64: KeeperLink.Exit] = [:]
    /// Gets the end of a launch that was under way when the keeper reported it.
    var ended: (KeeperLink.Exit) -> Void = { _ in }

    /// - Parameter latest: the highest number that was used before, or 0.
    init(link: KeeperLink, forest: ProcessForest, latest: UInt64, loop: EventLoop) throws(SystemError) {
        self.link = link
        self.forest = forest
        // The marks of two agents on one host must differ, hence a random first number. JSON holds 53 bits. An agent
        // that carries a mark itself can't give higher ones, so the first number leaves room for later ones.
        // A Swift string of 15 digits needs no heap memory.
        let highest = min(Mark.highestLaunch ?? .max, 999_999_999_999_999)
        self.latest = latest == 0 ? UInt64.random(in: 1...max(1, highest - highest / 256)) : latest
        null = SharedDescriptor(try Descriptor.open("/dev/null", O_RDWR))
        calls = try BlockingCalls(
            on: loop,
            bounds: .init(
                threads: Limits.fileThreads, alike: Limits.fileThreadsAlike, patience: Limits.filePatience))
        if Mark.highestLaunch == nil {
            Log.note(
                "can't mark processes: the agent itself has a hard limit of file locks (prlimit --locks)", .warning)
        }
    }

    func use(_ drivers: [any Driver], _ policy: Policy) {
        self.policy = policy
        self.drivers = Dictionary(uniqueKeysWithValues: drivers.map { ($0.name, $0) })
    }

    /// Drops the launches and file queries that no thread has begun, and all later ones.
    func close() { calls.close() }

    /// The error of launches after ``close()``.
    static let closed = Failure(.notAllowed, "the agent is shutting down")

    /// Takes a launch number that was not used before.
    func nextNumber() -> UInt64 {
        latest += 1
        return latest
    }

    /// Makes the cgroup of the next launch in advance.
    func plantAhead() { _ = try? forest.plant(latest + 1, ResourceLimits()) }

    /// The read ends of a process's pipes for stdout, stderr and `ready.fd`.
    struct OutputPipes: ~Copyable {
        var output: Descriptor
        var error: Descriptor
        var notification: Descriptor?
    }

    /// Executes a process under the launch number that it has. The keeper knows of the launch, and has its log pipes,
    /// before the program runs.
    ///
    /// - Parameter completion: gets the attempt that succeeded; may be called before this returns.
    func launch(_ process: ManagedProcess, _ completion: @escaping (Result<LaunchAttempt, Failure>) -> Void) {
        let (id, origin, number) = (process.id, process.origin, process.launch.number)
        do throws(Failure) { try prepare(process) } catch { return completion(.failure(error)) }
        see(under: policy(for: origin)) { [self] files throws(Failure) in
            var spec = process.spec
            return (try plan(&spec, id, files), spec)
        } then: { [self] result in
            make(number, completion) { () throws(Failure) in
                let (plan, spec) = try result.get()
                let (bounded, limits) = bounded(plan, spec.limits)
                let streams = LaunchStreams(input: try input(of: bounded, spec), others: bounded.descriptors)
                let descriptor = spec.ready?.descriptor
                try orFail { () throws(SystemError) in try streams.open(notifies: descriptor != nil) }
                // Before the process can write to them.
                if let ends = streams.logEnds {
                    link.holder.hold(launch: number, output: ends.output, error: ends.error)
                }
                let tree = try forest.plant(number, limits)
                var options = options(number, in: tree, with: streams)
                if let end = streams.notificationEnd, let descriptor { options.extras.append((end, descriptor)) }
                return LaunchAttempt(
                    number, bounded, options, in: tree, streams, null: null,
                    refusal: policy(for: origin)?.refusal(ofPath: bounded.directory))
            }
        }
    }

    /// Executes the command of a health check as the process itself is: with its user, directory and limits, but in a
    /// tree of its own. Its output is not logged.
    func launch(
        check words: [String], of process: ManagedProcess, number: UInt64,
        _ completion: @escaping (Result<LaunchAttempt, Failure>) -> Void
    ) {
        let (spec, id, origin) = (process.spec, process.id, process.origin)
        see(under: policy(for: origin)) { [self] files throws(Failure) in
            var spec = spec.executing(check: words, in: try workingDirectory(of: spec, files))
            return (try plan(&spec, id, files), spec)
        } then: { [self] result in
            make(number, completion) { () throws(Failure) in
                let (plan, spec) = try result.get()
                let (bounded, limits) = bounded(plan, spec.limits)
                let tree = try forest.plant(number, limits)
                let streams = LaunchStreams(input: nil, others: [])
                try orFail { () throws(SystemError) in try streams.open(for: bounded.account) }
                return LaunchAttempt(number, bounded, options(number, in: tree), in: tree, streams, null: null)
            }
        }
    }

    /// Prepares an attempt and has a thread perform it.
    private func make(
        _ number: UInt64, _ completion: @escaping (Result<LaunchAttempt, Failure>) -> Void,
        _ prepare: () throws(Failure) -> LaunchAttempt
    ) {
        let attempt: LaunchAttempt
        do throws(Failure) { attempt = try prepare() } catch {
            link.holder.release(number)
            return completion(.failure(error))
        }
        underWay.insert(number)
        calls.make(
            BlockingCall(
                kind: kind(of: attempt.plan), work: { attempt.perform() }, interrupt: { attempt.interrupt() },
                // When it ends, the keeper reports that.
                afterwards: { [self] in abandon(attempt) }
            ) { [self] call in
                switch call {
                case .done:
                    completion(outcome(of: attempt))
                    settle(number)
                case .hangs: completion(.failure(attempt.silence))
                case .dropped: completion(.failure(Self.closed))
                }
            })
    }

    private func outcome(of attempt: LaunchAttempt) -> Result<LaunchAttempt, Failure> {
        do throws(Failure) {
            try attempt.begin()
            return .success(attempt)
        } catch {
            link.holder.release(attempt.launch)
            attempt.tree.remove()
            return .failure(error)
        }
    }

    /// Cleans up an attempt after its failure was reported: it hung, or no thread has begun it.
    private func abandon(_ attempt: LaunchAttempt) {
        attempt.kill()
        attempt.tree.kill()
        attempt.tree.remove()
        link.release(attempt.launch)
        underWay.remove(attempt.launch)
        ends[attempt.launch] = nil
    }

    // MARK: Ends of launches under way

    /// Keeps an end that the keeper has reported before the start's result is known.
    ///
    /// - Returns: whether the launch is under way.
    func hold(_ exit: KeeperLink.Exit) -> Bool {
        guard underWay.contains(exit.launch) else { return false }
        ends[exit.launch] = exit
        return true
    }

    private func settle(_ number: UInt64) {
        underWay.remove(number)
        if let exit = ends.removeValue(forKey: number) { ended(exit) }
    }

    /// Has the driver release what it keeps for a process.
    func forget(_ process: ManagedProcess) { drivers[process.spec.driver]?.forget(process.id) }

    /// Applies the limits of the spec, else those of the driver.
    func bounded(_ plan: LaunchPlan, _ limits: ResourceLimits) -> (LaunchPlan, ResourceLimits) {
        var plan = plan
        var limits = limits
        limits.memory = limits.memory ?? plan.memory
        if forest.obstacle(to: .cpu) == nil { limits.cpu = limits.cpu ?? plan.cpu }
        plan.dataSize = forest.dataSize(limits)
        return (plan, limits)
    }

    /// - Parameter streams: give the log pipes and the further descriptors.
    func options(_ number: UInt64, in tree: ProcessTree, with streams: LaunchStreams? = nil) -> SpawnOptions {
        var options = SpawnOptions()
        options.logEnds = streams?.logEnds
        options.extras = streams?.others.map { ($0.descriptor.number, $0.target) } ?? []
        options.launch = number
        options.parentReaps = true
        options.announcement = link.number
        options.cgroup = tree.cgroup
        return options
    }

    private func input(of plan: LaunchPlan, _ spec: ProcessSpec) throws(Failure) -> Descriptor? {
        switch spec.standardInput {
        case .open where plan.input == nil:
            // The process itself holds both ends, so that its stdin stays open whatever else dies.
            try orFail { () throws(SystemError) in try ProgramPipe(program: O_RDWR, of: plan.account).takeProgram() }
        case .text(let text): try input(plan.input ?? Array(text.utf8))
        case .open, nil: try input(plan.input)
        }
    }

    func input(_ bytes: [UInt8]?) throws(Failure) -> Descriptor? {
        guard let bytes else { return nil }
        return try orFail { () throws(SystemError) in
            let file = try Descriptor.memory("stdin")
            try file.write(bytes)
            file.rewind()
            return file
        }
    }

    func orFail<Result: ~Copyable>(_ body: () throws(SystemError) -> Result) throws(Failure) -> Result {
        do { return try body() } catch { throw Failure(.execFailed, "\(error)") }
    }
}

extension ReadyRules {
    /// The descriptor on which the process reports that it is ready.
    var descriptor: Int32? {
        guard case .descriptor(let number) = sign else { return nil }
        return number
    }
}
