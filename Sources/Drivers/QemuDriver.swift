import Glibc
import JSONCodec
package import LinuxSystem
package import Model
import Wire

/// Runs virtual machines, each with an agent inside under the process's name.
///
/// What it launches is `pm-vm`, which has QEMU as its child and goes on whatever becomes of the agent.
package struct QemuDriver: Driver {
    package let name = ProcessSpec.machineDriver

    private let broker: StreamTarget
    private let credentials: String
    private let installation: QemuInstallation

    /// - Parameters:
    ///   - broker: where guests are connected to, and nowhere else.
    ///   - credentials: `user:password@` as a URL has it, which all guests share, or nothing.
    package init(broker: StreamTarget, credentials: String) {
        self.broker = broker
        self.credentials = credentials
        installation = QemuInstallation.found
    }

    package func fingerprint() -> DriverReport { DriverReport(name: name, reason: installation.obstacle) }

    package func programName(of spec: ProcessSpec) -> String { name }

    package func plan(_ spec: ProcessSpec, as id: Name) throws(Failure) -> LaunchPlan {
        guard case .machine(let machine) = spec.invocation else {
            throw Failure(.invalidArgument, "\(name) runs virtual machines only")
        }
        if let obstacle = installation.obstacle { throw Failure(.driverUnavailable, obstacle) }
        let job = MachineJob(
            id: id, machine: machine, qemu: installation.qemu, image: installation.image,
            accelerator: .tcg, broker: broker, credentials: credentials,
            stopGrace: Self.innerGrace(of: spec.stop.grace ?? Limits.innerAgentGrace))
        let environment = try BaseEnvironment.merged(with: [], account: nil)
        var plan = LaunchPlan(
            executable: installation.runner, arguments: [installation.runner, id.description],
            environment: environment.assignments, directory: "/")
        plan.input = job.json.printed()
        plan.umask = spec.identity.umask
        plan.nice = spec.identity.nice
        plan.openFiles = spec.limits.openFiles
        plan.coreSize = spec.limits.core
        return plan
    }

    /// Seconds that the agent inside gives its processes: it has to be through before the machine is killed.
    private static func innerGrace(of grace: Double) -> Double { max(0, min(Limits.gracePeriod, grace - 1)) }
}
