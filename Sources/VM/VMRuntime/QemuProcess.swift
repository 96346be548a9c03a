import var Glibc.ENOENT
import var Glibc.O_RDWR
import LinuxSystem
import Model

/// A running QEMU, and the runner's ends of all its channels.
struct QemuProcess: ~Copyable {
    let handle: ProcessHandle
    /// The guest's console output.
    let console: Descriptor
    /// QEMU's own stderr.
    let errors: Descriptor
    /// The guest's serial line.
    let line: Descriptor
    let monitor: Descriptor
    /// Accepts the connections that the guest makes in QEMU's network namespace.
    let listener: Descriptor

    /// - Parameter port: port of 127.0.0.1 in QEMU's network namespace; nothing else listens there.
    init(_ command: QemuCommand, port: UInt16) throws(SystemError) {
        let null = try Descriptor.open("/dev/null", O_RDWR)
        let files = try QemuFiles(command)
        let output = try LogPipe()
        let error = try LogPipe()
        let line = try Descriptor.Pair(), monitor = try Descriptor.Pair()
        let network = InnerNetwork(port: port)
        let plan = try Self.plan(command)
        var options = SpawnOptions()
        options.diesWithParent = true
        options.network = network
        options.extras =
            [
                (line.other.number, QemuCommand.Inherited.line.rawValue),
                (monitor.other.number, QemuCommand.Inherited.monitor.rawValue),
            ] + files.extras
        do throws(SpawnError) {
            handle = try ProcessHandle.spawn(
                plan, input: null, output: output.childEnd, error: error.childEnd, options: options)
        } catch {
            throw SystemError("start \(command.job.qemu)", errno: error.number)
        }
        // QEMU inherits the files when it is spawned; until here they must stay open.
        withExtendedLifetime(files) {}
        listener = network.takeListener()
        console = output.takeReadEnd()
        errors = error.takeReadEnd()
        self.line = line.takeOwn()
        self.monitor = monitor.takeOwn()
    }

    /// As root, the runner starts QEMU as a user of this VM's own, with access to KVM if it is used. A guest that broke
    /// out of QEMU would have the rights of that user only, and no process of another VM could read the guest's memory.
    private static func plan(_ command: QemuCommand) throws(SystemError) -> LaunchPlan {
        var plan = LaunchPlan(
            executable: command.job.qemu, arguments: command.arguments, environment: ["LANG=C.UTF-8"], directory: "/")
        guard User.isRoot else { return plan }
        if command.job.accelerator == .kvm { plan.account = account(group: "kvm") }
        plan.account = plan.account ?? account(group: nil)
        guard plan.account != nil else { throw SystemError("find the user \(user) for QEMU", errno: ENOENT) }
        return plan
    }

    /// If there is no range of user ids, all VMs share the user that the packages create.
    private static func account(group: String?) -> Account? {
        Account.unshared(group: group) ?? (try? Account.find(user: user, group: group))
    }

    private static let user = "pm-qemu"
}
