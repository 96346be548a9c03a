import Drivers
import Glibc
import LinuxSystem
import Logs
import Model
import Wire

/// Brings processes to life: everything between what is wanted and a program that runs.
final class Launcher {
    private(set) var drivers: [String: any Driver] = [:]
    private(set) var policy: Policy?
    let link: KeeperLink
    let forest: ProcessForest
    let null: SharedDescriptor
    let calls: BlockingCalls
    /// The number of the latest launch.
    private(set) var latest: UInt64
    /// Launches of which it is not known yet how they went, and what the keeper has told of them meanwhile.
    private(set) var underWay: Set<UInt64> = []
    private var ends: [UInt64: KeeperLink.Exit] = [:]
    /// Told of the end of a launch that was under way when the keeper told of it.
    var ended: (KeeperLink.Exit) -> Void = { _ in }

    /// - Parameter latest: the highest number that was given before, or 0.
    init(link: KeeperLink, forest: ProcessForest, latest: UInt64, loop: EventLoop) throws(SystemError) {
        self.link = link
        self.forest = forest
        // The marks of two agents on one machine must not meet, and JSON holds 53 bits. An agent's own mark may be the
        // highest that it can give, and the numbers go up from here.
        // With 15 digits, a number's text needs no memory of its own.
        let highest = min(Mark.highestLaunch ?? .max, 999_999_999_999_999)
        self.latest = latest == 0 ? UInt64.random(in: 1...max(1, highest - highest / 256)) : latest
        null = SharedDescriptor(try Descriptor.open("/dev/null", O_RDWR))
        calls = try BlockingCalls(
            on: loop,
            bounds: .init(
                threads: Limits.fileThreads, alike: Limits.fileThreadsAlike, patience: Limits.filePatience))
        if Mark.highestLaunch == nil {
            Log.note("can't mark what it starts: it has a hard limit of file locks (prlimit --locks) itself")
        }
    }

    func use(_ drivers: [any Driver], _ policy: Policy) {
        self.policy = policy
        self.drivers = Dictionary(uniqueKeysWithValues: drivers.map { ($0.name, $0) })
    }

    /// Drops the launches and examinations that no thread has begun, and those that come from now on.
    func close() { calls.close() }

    /// Why what is launched from now on does not start.
    static let closed = Failure(.notAllowed, "the agent is shutting down")

    /// A number that no launch has had.
    func nextNumber() -> UInt64 {
        latest += 1
        return latest
    }

    /// Has the next launch find its place.
    func plantAhead() { _ = try? forest.plant(latest + 1, ResourceLimits()) }

    /// What a process writes comes out here, and what says that it is ready.
    struct OutputPipes: ~Copyable {
        var output: Descriptor
        var error: Descriptor
        var notification: Descriptor?
    }

    /// Executes a process under the launch number it has. The keeper knows of it, and has its log pipes, before it can do
    /// anything.
    ///
    /// - Parameter completion: gets what was made of it; it may be called at once.
    func launch(_ process: ManagedProcess, _ completion: @escaping (Result<LaunchAttempt, Failure>) -> Void) {
        let (id, origin, number) = (process.id, process.origin, process.launch.number)
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
                // Before anything can write to them.
                if let ends = streams.logEnds {
                    link.holder.hold(launch: number, output: ends.output, error: ends.error)
                }
                let tree = try forest.plant(number, limits)
                var options = options(number, in: tree, with: streams)
                if let end = streams.notificationEnd, let descriptor { options.extras.append((end, descriptor)) }
                let attempt = LaunchAttempt(number, bounded, options, in: tree, streams, null: null)
                attempt.refusal = policy(for: origin)?.refusal(ofPath: bounded.directory)
                return attempt
            }
        }
    }

    /// Executes a command as a process would be, beside it; what it writes goes into no log.
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

    /// Has a thread start what is prepared.
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
                // The keeper tells of its end, when there is one.
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
            return .failure(attempt.isOfDirectory ? attempt.refusal ?? error : error)
        }
    }

    /// It hung until nobody wanted it any more.
    private func abandon(_ attempt: LaunchAttempt) {
        attempt.kill()
        attempt.tree.kill()
        attempt.tree.remove()
        link.release(attempt.launch)
        underWay.remove(attempt.launch)
        ends[attempt.launch] = nil
    }

    // MARK: Ends meanwhile

    /// Takes what the keeper has told of a launch that is under way: it may have ended before it is known that it began.
    ///
    /// - Returns: whether it is.
    func hold(_ exit: KeeperLink.Exit) -> Bool {
        guard underWay.contains(exit.launch) else { return false }
        ends[exit.launch] = exit
        return true
    }

    private func settle(_ number: UInt64) {
        underWay.remove(number)
        if let exit = ends.removeValue(forKey: number) { ended(exit) }
    }

    /// Gives back what its driver keeps for a process.
    func forget(_ process: ManagedProcess) { drivers[process.spec.driver]?.forget(process.id) }

    /// With the limits that its spec gives it, else those that its driver does.
    func bounded(_ plan: LaunchPlan, _ limits: ResourceLimits) -> (LaunchPlan, ResourceLimits) {
        var plan = plan
        var limits = limits
        limits.memory = limits.memory ?? plan.memory
        if forest.obstacle(to: .cpu) == nil { limits.cpu = limits.cpu ?? plan.cpu }
        plan.dataSize = forest.dataSize(limits)
        return (plan, limits)
    }

    /// - Parameter streams: what it is connected with.
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
            // The process holds both ends, so that nothing else's death ends its stdin.
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
            lseek(file.number, 0, SEEK_SET)
            return file
        }
    }

    func orFail<Result: ~Copyable>(_ body: () throws(SystemError) -> Result) throws(Failure) -> Result {
        do { return try body() } catch { throw Failure(.execFailed, "\(error)") }
    }
}

extension ReadyRules {
    /// The number under which the process finds what it shall write to.
    var descriptor: Int32? {
        guard case .descriptor(let number) = sign else { return nil }
        return number
    }
}
