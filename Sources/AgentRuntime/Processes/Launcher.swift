import Drivers
import Glibc
import LinuxSystem
import Logs
import Model
import Wire

/// Brings processes to life: everything between what is wanted and a program that runs.
final class Launcher {
    private let drivers: [String: any Driver]
    private let link: KeeperLink
    private let forest: ProcessForest
    private let null: Descriptor
    /// The number of the latest launch.
    private var latest: UInt64

    /// - Parameter latest: the highest number that was given before, or 0.
    init(
        drivers: [any Driver], link: KeeperLink, forest: ProcessForest, latest: UInt64
    ) throws(SystemError) {
        self.drivers = Dictionary(uniqueKeysWithValues: drivers.map { ($0.name, $0) })
        self.link = link
        self.forest = forest
        // Where there are no cgroups, the numbers of two agents on one machine must not meet; and JSON holds 53 bits.
        self.latest = latest == 0 ? UInt64.random(in: 1...(1 << 52)) : latest
        null = try Descriptor.open("/dev/null", O_RDWR)
    }

    /// A number that no launch has had.
    func nextNumber() -> UInt64 {
        latest += 1
        return latest
    }

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
        let spec = process.spec
        let plan = try plan(spec, process.id)
        let tree = try forest.plant(process.launch.number, spec.limits)
        do throws(Failure) {
            let output = try pipe(), error = try pipe()
            var birth = birth(process.launch.number, in: tree)
            birth.logEnds = (output.readEnd.number, error.readEnd.number)
            var notification: LogPipe?
            if let target = spec.ready?.descriptor {
                let pipe = try pipe()
                birth.extras = [(pipe.childEnd.number, target)]
                notification = consume pipe
            }
            let input = try input(spec)
            process.handle = try spawn(plan, birth, input, output.childEnd, error.childEnd)
            process.tree = tree
            process.command = ShellWords.join(plan.arguments)
            return Ends(
                output: output.takeReadEnd(), error: error.takeReadEnd(), notification: notification?.takeReadEnd())
        } catch {
            _ = tree.remove()
            throw error
        }
    }

    /// Executes a command as a process would be, silently and beside it.
    ///
    /// - Parameter completion: see ``RunningCheck``.
    func launch(
        check words: [String], of process: ManagedProcess, number: UInt64, _ completion: @escaping (String?) -> Void
    ) throws(Failure) -> RunningCheck {
        var spec = process.spec
        spec.driver = ProcessSpec.standardDriver
        spec.invocation = .command(words: words, path: process.spec.workingDirectory)
        let tree = try forest.plant(number, spec.limits)
        do throws(Failure) {
            let handle = try spawn(try plan(spec, process.id), birth(number, in: tree), nil, null, null)
            return RunningCheck(handle: handle, tree: tree, completion: completion)
        } catch {
            _ = tree.remove()
            throw error
        }
    }

    /// The tree of a process's latest launch, whoever launched it.
    func tree(of process: ManagedProcess) -> ProcessTree? {
        process.launch.number == 0 ? nil : forest.tree(of: process.launch.number)
    }

    /// Gives back what its driver keeps for a process.
    func forget(_ process: ManagedProcess) { drivers[process.spec.driver]?.forget(process.id) }

    /// Ends a launch that nobody wants.
    func killTree(of launch: UInt64) {
        let tree = forest.tree(of: launch)
        tree.kill()
        _ = tree.remove()
    }

    private func plan(_ spec: ProcessSpec, _ id: Name) throws(Failure) -> LaunchPlan {
        guard let driver = drivers[spec.driver] else {
            throw Failure(.driverUnavailable, "no such driver: \(spec.driver)")
        }
        var plan = try driver.plan(spec, as: id)
        plan.dataSize = forest.dataSize(spec.limits)
        return plan
    }

    private func birth(_ number: UInt64, in tree: ProcessTree) -> Birth {
        var birth = Birth()
        birth.launch = number
        birth.parentReaps = true
        birth.announcement = link.number
        if case .cgroup(let cgroup) = tree { birth.cgroup = cgroup }
        return birth
    }

    private func input(_ spec: ProcessSpec) throws(Failure) -> Descriptor? {
        guard let text = spec.standardInput else { return nil }
        return try orFail { () throws(SystemError) in
            let file = try Descriptor.memory("stdin")
            try file.write(Array(text.utf8))
            lseek(file.number, 0, SEEK_SET)
            return file
        }
    }

    private func pipe() throws(Failure) -> LogPipe { try orFail { () throws(SystemError) in try LogPipe() } }

    private func orFail<Result: ~Copyable>(_ body: () throws(SystemError) -> Result) throws(Failure) -> Result {
        do { return try body() } catch { throw Failure(.execFailed, "\(error)") }
    }

    private func spawn(
        _ plan: LaunchPlan, _ birth: Birth, _ input: consuming Descriptor?, _ output: borrowing Descriptor,
        _ error: borrowing Descriptor
    ) throws(Failure) -> ProcessHandle {
        do throws(SpawnError) {
            guard let input else {
                return try ProcessHandle.spawn(plan, input: null, output: output, error: error, birth: birth)
            }
            return try ProcessHandle.spawn(plan, input: input, output: output, error: error, birth: birth)
        } catch {
            throw Failure(.execFailed, error.reason)
        }
    }
}

extension ProcessSpec {
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
