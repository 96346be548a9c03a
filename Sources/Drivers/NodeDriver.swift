package import JSONCodec
package import LinuxSystem
package import Model
import Wire

/// Runs an agent of its own under the process's name: another host on the same machine, for as long as it is wanted.
package struct NodeDriver: Driver {
    package let name = ProcessSpec.nodeDriver

    /// Where nodes keep their state, a directory each.
    private let directory: String
    private let broker: [JSON.Member]
    /// Looked up once: after an upgrade the path is another program's, and the right one.
    private static let program = Program.path

    /// - Parameters:
    ///   - stateDirectory: of the agent that runs the nodes.
    ///   - broker: settings of their configuration, with the credentials that its nodes share.
    package init(stateDirectory: String, broker: [JSON.Member]) {
        directory = "\(stateDirectory)/nodes"
        self.broker = broker
    }

    /// It is the agent's own program, which is here.
    package func fingerprint() -> DriverReport {
        DriverReport(name: name, reason: Self.program == nil ? Self.lost : nil)
    }

    private static let lost = "can't find the agent's own program"

    package func programName(of spec: ProcessSpec) -> String { name }

    package func plan(_ spec: ProcessSpec, as id: Name) throws(Failure) -> LaunchPlan {
        guard case .node(let agent) = spec.invocation else {
            throw Failure(.invalidArgument, "\(name) runs agents only")
        }
        guard let program = Self.program else { throw Failure(.driverUnavailable, Self.lost) }
        let state = "\(directory)/\(id)"
        let file = "\(state)/agent.json"
        do throws(SystemError) {
            try FileSystem.makeDirectories(state)
            // Only its owner may read it: it holds the broker's password.
            try FileSystem.replace(file, with: configuration(of: agent, id, state).printed(), isDurable: false)
        } catch {
            throw Failure(.execFailed, "\(error)")
        }
        let environment = try BaseEnvironment.merged(with: [], account: nil)
        // Its keeper at once: the configuration needs no check, and a start of the agent's program takes milliseconds.
        let words = KeeperCommand.words(agent: program, [program, "--config", file])
        var plan = LaunchPlan(
            executable: words[0], arguments: words, environment: environment.assignments, directory: "/")
        plan.umask = spec.identity.umask
        plan.nice = spec.identity.nice
        plan.openFiles = spec.limits.openFiles
        plan.coreSize = spec.limits.core
        return plan
    }

    private func configuration(of agent: InnerAgent, _ id: Name, _ state: String) -> JSON {
        let generation = agent.generation.map { [JSON.Member("generation", .string($0))] } ?? []
        return .object(
            [
                .init("host", .string(id.description)), .init("state_dir", .string(state)),
                .init("labels", Label.json(agent.labels)),
                // Its host runs machines: each node that tried out whether it can would keep the machine busy.
                .init("vm_image", .string(QemuInstallation.noImage)),
            ] + broker + generation)
    }

    package func forget(_ id: Name) { FileSystem.removeTree("\(directory)/\(id)") }
}
