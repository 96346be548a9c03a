import Glibc
import LinuxSystem
import Model

/// A QEMU that runs, and the ends of all that leads into it.
struct QemuProcess: ~Copyable {
    let handle: ProcessHandle
    /// What its guest's console shows.
    let console: Descriptor
    /// What QEMU says itself.
    let errors: Descriptor
    /// The guest's serial line.
    let line: Descriptor
    let monitor: Descriptor
    /// Where what the guest connects to arrives.
    let listener: Descriptor

    /// - Parameter port: of 127.0.0.1 in QEMU's network, the only one that anything listens on.
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
        // Nobody asks for them any more, and until here they must be open.
        withExtendedLifetime(files) {}
        listener = network.takeListener()
        console = output.takeReadEnd()
        errors = error.takeReadEnd()
        self.line = line.takeOwn()
        self.monitor = monitor.takeOwn()
    }

    /// As a user of this VM's own, where there is a choice, that may use KVM if that is to be used: a guest that broke out of QEMU
    /// would be that user, and a process of the same user could read the guest's memory.
    private static func plan(_ command: QemuCommand) throws(SystemError) -> LaunchPlan {
        var plan = LaunchPlan(
            executable: command.job.qemu, arguments: command.arguments, environment: ["LANG=C.UTF-8"], directory: "/")
        guard geteuid() == 0 else { return plan }
        if command.job.accelerator == .kvm { plan.account = account(group: "kvm") }
        plan.account = plan.account ?? account(group: nil)
        guard plan.account != nil else { throw SystemError("find the user \(user) for QEMU", errno: ENOENT) }
        return plan
    }

    /// Where there are few numbers of users, VMs share one, which the packages make.
    private static func account(group: String?) -> Account? {
        Account.unshared(group: group) ?? (try? Account.find(user: user, group: group))
    }

    private static let user = "pm-qemu"
}
