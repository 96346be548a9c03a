import JSONCodec
package import LinuxSystem
package import Model
import Wire

/// Runs virtual machines, each with an agent inside under the process's name.
///
/// What it launches is `pm-vm`, which has QEMU as its child and goes on whatever becomes of the agent.
package final class QemuDriver: Driver {
    package let name = ProcessSpec.machineDriver

    private let broker: StreamTarget
    private let credentials: String
    private let installation: QemuInstallation
    private let templates: TemplateStore

    /// - Parameters:
    ///   - broker: where guests are connected to, and nowhere else.
    ///   - credentials: `user:password@` as a URL has it, which all guests share, or nothing.
    ///   - image: the directory of kernel and root; nil is wherever one is found.
    package init(broker: StreamTarget, credentials: String, image: String?) {
        self.broker = broker
        self.credentials = credentials
        installation = QemuInstallation(image: image)
        templates = TemplateStore(installation)
    }

    package func begin(on loop: EventLoop, changed: @escaping () -> Void) {
        if installation.obstacle == nil { templates.begin(on: loop, changed: changed) }
    }

    package func fingerprint() -> DriverReport {
        DriverReport(
            name: name, reason: installation.obstacle ?? templates.obstacle,
            isPending: installation.obstacle == nil && templates.isPending, note: templates.note)
    }

    package func programName(of spec: ProcessSpec) -> String { name }

    package func plan(_ spec: ProcessSpec, as id: Name) throws(Failure) -> LaunchPlan {
        guard case .machine(let machine) = spec.invocation else {
            throw Failure(.invalidArgument, "\(name) runs virtual machines only")
        }
        if let obstacle = installation.obstacle { throw Failure(.driverUnavailable, obstacle) }
        var job = MachineJob(
            id: id, machine: machine, qemu: installation.qemu, image: installation.image,
            accelerator: templates.accelerator, broker: broker, credentials: credentials,
            stopGrace: Self.innerGrace(of: spec.stop.grace ?? Limits.innerAgentGrace))
        let template = templates.template(for: machine)
        job.work = template == nil ? .boot : .clone
        let environment = try BaseEnvironment.merged(with: [], account: nil)
        var plan = LaunchPlan(
            executable: installation.runner, arguments: [installation.runner, id.description],
            environment: environment.assignments, directory: "/")
        plan.input = job.json.printed()
        plan.descriptors = template?.placements ?? []
        plan.umask = spec.identity.umask
        plan.nice = spec.identity.nice
        plan.openFiles = spec.limits.openFiles
        plan.coreSize = spec.limits.core
        return plan
    }

    /// Seconds that the agent inside gives its processes: it has to be through before the machine is killed.
    private static func innerGrace(of grace: Double) -> Double { max(0, min(Limits.gracePeriod, grace - 1)) }
}
