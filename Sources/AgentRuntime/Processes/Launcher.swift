import Drivers
import Glibc
import LinuxSystem
import Logs
import Model
import Wire

/// Brings processes to life: everything between what is wanted and a program that runs.
final class Launcher {
    private(set) var drivers: [String: any Driver] = [:]
    private var policy: Policy?
    private let link: KeeperLink
    let forest: ProcessForest
    private let null: Descriptor
    /// The number of the latest launch.
    private(set) var latest: UInt64

    /// - Parameter latest: the highest number that was given before, or 0.
    init(link: KeeperLink, forest: ProcessForest, latest: UInt64) throws(SystemError) {
        self.link = link
        self.forest = forest
        // The marks of two agents on one machine must not meet, and JSON holds 53 bits. An agent's own mark may be the
        // highest that it can give, and the numbers go up from here.
        let highest = min(Mark.highestLaunch ?? .max, 1 << 52)
        self.latest = latest == 0 ? UInt64.random(in: 1...max(1, highest - highest / 256)) : latest
        null = try Descriptor.open("/dev/null", O_RDWR)
        if Mark.highestLaunch == nil {
            Log.note("can't mark what it starts: it has a hard limit of file locks (prlimit --locks) itself")
        }
    }

    func use(_ drivers: [any Driver], _ policy: Policy) {
        self.policy = policy
        self.drivers = Dictionary(uniqueKeysWithValues: drivers.map { ($0.name, $0) })
    }

    /// A number that no launch has had.
    func nextNumber() -> UInt64 {
        latest += 1
        return latest
    }

    /// Has the next launch find its place.
    func plantAhead() { _ = try? forest.plant(latest + 1, ResourceLimits()) }

    func programName(of spec: ProcessSpec) -> String { drivers[spec.driver]?.programName(of: spec) ?? spec.driver }

    /// What a process writes comes out here, and what says that it is ready.
    struct Ends: ~Copyable {
        var output: Descriptor
        var error: Descriptor
        var notification: Descriptor?
    }

    /// Executes a process under the launch number it has. The keeper knows of it, and has its log pipes, before it can do
    /// anything.
    func launch(_ process: ManagedProcess) throws(Failure) -> Ends {
        var spec = process.spec
        let (plan, limits) = bounded(try plan(&spec, process.id, process.origin), spec.limits)
        let tree = try forest.plant(process.launch.number, limits)
        do throws(Failure) {
            let output = try pipe(), error = try pipe()
            hold(process.launch.number, output, error)
            var birth = birth(process.launch.number, in: tree)
            birth.logEnds = (output.readEnd.number, error.readEnd.number)
            var notification: LogPipe?
            if let target = spec.ready?.descriptor {
                let pipe = try orFail { () throws(SystemError) in try LogPipe.withReader() }
                birth.extras = [(pipe.childEnd.number, target)]
                notification = consume pipe
            }
            birth.extras += plan.descriptors.map { ($0.descriptor, $0.target) }
            let input = try input(of: plan, spec)
            let handle = try spawn(plan, birth, input, output.childEnd, error.childEnd)
            tree.begin(with: handle)
            process.handle = consume handle
            process.tree = tree
            process.command = ShellWords.join(plan.arguments)
            return Ends(
                output: output.takeReadEnd(), error: error.takeReadEnd(), notification: notification?.takeReadEnd())
        } catch {
            link.holder.release(process.launch.number)
            tree.remove()
            throw error
        }
    }

    // MARK: In reserve

    /// What makes one in reserve this process; nil when none can be that.
    func wakeUpCall(for process: ManagedProcess) -> WakeUpCall? {
        guard process.spec.ready?.descriptor == nil, (try? check(process.spec, process.id, process.origin)) != nil
        else {
            return nil
        }
        return drivers[process.spec.driver]?.wakeUpCall(for: process.spec, as: process.id)
    }

    /// Executes one of a driver's reserve, which is no process's so far.
    func begin(_ reserve: Reserve, of driver: any Driver) throws(Failure) -> Standby {
        let (plan, limits) = bounded(try driver.planReserve(), ResourceLimits())
        let number = nextNumber()
        let tree = try forest.plant(number, limits)
        do throws(Failure) {
            let output = try pipe(), error = try pipe()
            hold(number, output, error)
            let line = try orFail { () throws(SystemError) in try Descriptor.Pair() }
            var birth = birth(number, in: tree)
            birth.logEnds = (output.readEnd.number, error.readEnd.number)
            birth.extras = plan.descriptors.map { ($0.descriptor, $0.target) }
            let handle: ProcessHandle
            if reserve.lineDescriptor == Reserve.standardInput {
                handle = try execute(plan, birth, line.other, output.childEnd, error.childEnd)
            } else {
                birth.extras.append((line.other.number, reserve.lineDescriptor))
                handle = try spawn(plan, birth, try input(plan.input), output.childEnd, error.childEnd)
            }
            return Standby(
                driver: driver.name, edition: reserve.edition, launch: number, tree: tree, line: line.takeOwn(),
                handle: handle, ends: Ends(output: output.takeReadEnd(), error: error.takeReadEnd()))
        } catch {
            link.holder.release(number)
            tree.remove()
            throw error
        }
    }

    /// One in reserve, which has been woken, is this process now, by the launch that it has had all the time.
    func launch(_ process: ManagedProcess, from standby: Standby) throws(Failure) -> Ends {
        guard let ends = standby.takeEnds() else { throw Failure(.internal, "it is somebody's already") }
        process.handle = standby.takeHandle()
        process.tree = standby.tree
        process.command = ShellWords.join(standby.arguments)
        return ends
    }

    /// Executes a command as a process would be, beside it; what it writes goes into no log.
    ///
    /// - Parameter completion: see ``RunningCheck``.
    func launch(
        check words: [String], of process: ManagedProcess, number: UInt64, on loop: EventLoop,
        _ completion: @escaping (String?) -> Void
    ) throws(Failure) -> RunningCheck {
        var spec = process.spec.executing(check: words)
        let (plan, limits) = bounded(try plan(&spec, process.id, process.origin), spec.limits)
        let tree = try forest.plant(number, limits)
        do throws(Failure) {
            let pipe = try orFail { () throws(SystemError) in try ProgramPipe(program: O_WRONLY, of: plan.account) }
            let handle = try spawn(plan, birth(number, in: tree), nil, pipe.program, pipe.program)
            return RunningCheck(
                handle: handle, tree: tree, output: CheckOutput(pipe.takeOwn(), loop: loop), completion: completion)
        } catch {
            tree.remove()
            throw error
        }
    }

    /// Gives back what its driver keeps for a process.
    func forget(_ process: ManagedProcess) { drivers[process.spec.driver]?.forget(process.id) }

    /// Refuses what the policy speaks against, before anything is begun.
    func check(_ spec: ProcessSpec, _ id: Name, _ origin: ProcessOrigin) throws(Failure) {
        guard let policy, policy.restricts, origin == .request else { return }
        var specs = [spec]
        if case .command(let words) = spec.healthCheck?.probe { specs.append(spec.executing(check: words)) }
        for var spec in specs {
            do throws(Failure) {
                // An agent's launch is prepared by planning it.
                if spec.invocation.isAgent { try policy.admit(&spec) } else { _ = try plan(&spec, id, origin) }
            } catch {
                // Whatever else is wrong is a launch that fails.
                if error.code == .notAllowed { throw error }
            }
        }
    }

    private func plan(_ spec: inout ProcessSpec, _ id: Name, _ origin: ProcessOrigin) throws(Failure) -> LaunchPlan {
        guard let driver = drivers[spec.driver] else {
            throw Failure(.driverUnavailable, "no such driver: \(spec.driver)")
        }
        // This machine's own files are its configuration, too.
        guard let policy, policy.restricts, origin == .request else { return try driver.plan(spec, as: id) }
        try policy.admit(&spec)
        var plan = try driver.plan(spec, as: id)
        if !spec.invocation.isAgent { try policy.admit(&plan) }
        return plan
    }

    /// With the limits that its spec gives it, else those that its driver does.
    private func bounded(_ plan: LaunchPlan, _ limits: ResourceLimits) -> (LaunchPlan, ResourceLimits) {
        var plan = plan
        var limits = limits
        limits.memory = limits.memory ?? plan.memory
        if forest.obstacle(to: .cpu) == nil { limits.cpu = limits.cpu ?? plan.cpu }
        plan.dataSize = forest.dataSize(limits)
        return (plan, limits)
    }

    private func birth(_ number: UInt64, in tree: ProcessTree) -> Birth {
        var birth = Birth()
        birth.launch = number
        birth.parentReaps = true
        birth.announcement = link.number
        birth.cgroup = tree.cgroup
        return birth
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

    private func input(_ bytes: [UInt8]?) throws(Failure) -> Descriptor? {
        guard let bytes else { return nil }
        return try orFail { () throws(SystemError) in
            let file = try Descriptor.memory("stdin")
            try file.write(bytes)
            lseek(file.number, 0, SEEK_SET)
            return file
        }
    }

    private func pipe() throws(Failure) -> LogPipe { try orFail { () throws(SystemError) in try LogPipe() } }

    /// Before anything can write to them.
    private func hold(_ launch: UInt64, _ output: borrowing LogPipe, _ error: borrowing LogPipe) {
        link.holder.hold(launch: launch, output: output.readEnd.number, error: error.readEnd.number)
    }

    private func orFail<Result: ~Copyable>(_ body: () throws(SystemError) -> Result) throws(Failure) -> Result {
        do { return try body() } catch { throw Failure(.execFailed, "\(error)") }
    }

    private func spawn(
        _ plan: LaunchPlan, _ birth: Birth, _ input: consuming Descriptor?, _ output: borrowing Descriptor,
        _ error: borrowing Descriptor
    ) throws(Failure) -> ProcessHandle {
        guard let input else { return try execute(plan, birth, null, output, error) }
        return try execute(plan, birth, input, output, error)
    }

    private func execute(
        _ plan: LaunchPlan, _ birth: Birth, _ input: borrowing Descriptor, _ output: borrowing Descriptor,
        _ error: borrowing Descriptor
    ) throws(Failure) -> ProcessHandle {
        do throws(SpawnError) {
            return try ProcessHandle.spawn(plan, input: input, output: output, error: error, birth: birth)
        } catch {
            throw Failure(.execFailed, error.reason)
        }
    }
}

extension ProcessSpec {
    /// The same with a command of its health check in the place of its own.
    fileprivate func executing(check words: [String]) -> ProcessSpec {
        var spec = self
        spec.driver = Self.standardDriver
        spec.invocation = .command(words: words, path: workingDirectory)
        return spec
    }

    /// What its checks start in, too.
    fileprivate var workingDirectory: String? {
        guard case .command(_, let path?) = invocation, FileSystem.kind(of: path) == .directory else { return nil }
        return path
    }
}

extension ReadyRules {
    /// The number under which the process finds what it shall write to.
    var descriptor: Int32? {
        guard case .descriptor(let number) = sign else { return nil }
        return number
    }
}
