package import JSONCodec
package import LinuxSystem
package import Model
import Wire

/// The driver `node`: runs another agent, with the process's name as its host name.
///
/// It writes the node's configuration to `nodes/<id>/agent.json` in the state directory and launches a keeper with it.
/// The node inherits broker, credentials, policy and limits from this agent's configuration (``settings``). After the
/// first node, the driver asks the pool to keep spares: agents that are started without a configuration (see
/// ``PrestartPool``).
package final class NodeDriver: PrestartingDriver {
    package let name = ProcessSpec.nodeDriver

    /// The parent of the nodes' state directories.
    private let directory: String
    /// The settings that all nodes inherit.
    package var settings: [JSON.Member]
    /// The number of spares to keep, after the first node.
    private let spares: Int
    private var wasWanted = false
    /// The identity of the agent's program file, and how often it has changed.
    private var identity = ""
    private var edition = 0
    /// The path, looked up once: after an upgrade it still names the current program, while /proc/self/exe does not.
    private static let program = Program.path

    /// - Parameters:
    ///   - stateDirectory: the state directory of the agent that runs the nodes.
    ///   - settings: the settings that nodes inherit, with the broker's credentials.
    ///   - spares: the number of spares to keep.
    package init(stateDirectory: String, settings: [JSON.Member], spares: Int) {
        directory = "\(stateDirectory)/nodes"
        self.settings = settings
        self.spares = spares
    }

    /// Available, since nodes run the agent's own program.
    package func fingerprint() -> DriverReport {
        DriverReport(name: name, reason: Self.program == nil ? Self.lost : nil)
    }

    private static let lost = "can't find the agent's own program"

    package func programName(of spec: ProcessSpec, seeing files: FileView) -> String { name }

    package func plan(_ spec: ProcessSpec, as id: Name, seeing files: FileView) throws(Failure) -> LaunchPlan {
        guard case .node = spec.invocation else { throw Failure(.invalidArgument, "\(name) runs agents only") }
        var plan = try plan(Self.arguments(configurationFile(of: id)))
        plan.umask = spec.identity.umask
        plan.nice = spec.identity.nice
        plan.oomScore = spec.identity.oomScore ?? plan.oomScore
        plan.openFiles = spec.limits.openFiles
        plan.coreSize = spec.limits.core
        return plan
    }

    package func prepare(_ spec: ProcessSpec, as id: Name) throws(Failure) {
        guard case .node(let agent) = spec.invocation else { return }
        wasWanted = true
        try configure(agent, id)
    }

    /// Launches the keeper directly: the step through `pm-agent` would take milliseconds more, only to check the
    /// configuration.
    ///
    /// - Parameter arguments: the node agent's, without its program name.
    private func plan(_ arguments: [String]) throws(Failure) -> LaunchPlan {
        guard let program = Self.program else { throw Failure(.driverUnavailable, Self.lost) }
        let environment = try BaseEnvironment.merged(with: [], account: nil, seeing: FileView())
        let words = KeeperCommand.words(agent: program, [program] + arguments)
        return LaunchPlan(
            executable: words[0], arguments: words, environment: environment.assignments, directory: "/")
    }

    private static func arguments(_ configuration: String) -> [String] { ["--config", configuration] }

    private func configurationFile(of id: Name) -> String { "\(directory)/\(id)/agent.json" }

    /// Writes the configuration of a node.
    private func configure(_ agent: InnerAgent, _ id: Name) throws(Failure) {
        let state = "\(directory)/\(id)"
        do throws(SystemError) {
            try FileSystem.makeDirectories(state)
            let settings = try settings.map { setting throws(SystemError) in try Self.withoutPassword(setting, state) }
            let configuration = configuration(of: agent, id, state, settings)
            try FileSystem.replace(configurationFile(of: id), with: configuration.printed(), isDurable: false)
        } catch {
            throw Failure(.execFailed, "\(error)")
        }
    }

    /// Moves a password to a file of its own, with mode 0600: people show each other configuration files.
    private static func withoutPassword(_ setting: JSON.Member, _ state: String) throws(SystemError) -> JSON.Member {
        guard setting.key == "password", let password = setting.value.string else { return setting }
        let file = "\(state)/password"
        try FileSystem.replace(file, with: Array("\(password)\n".utf8), isDurable: false)
        return .init("password_file", .string(file))
    }

    private func configuration(of agent: InnerAgent, _ id: Name, _ state: String, _ settings: [JSON.Member]) -> JSON {
        let generation = agent.generation.map { [JSON.Member("generation", .string($0))] } ?? []
        return .object(
            [
                .init("host", .string(id.description)), .init("state_dir", .string(state)),
                .init("labels", Label.json(agent.labels)),
                // Only the host runs VMs: if every node tested QEMU, they would keep the host busy.
                .init("vm_image", .string(QemuInstallation.noImage)),
            ] + settings + generation)
    }

    package func forget(_ id: Name) { FileSystem.removeTree("\(directory)/\(id)") }
}

// MARK: Spares

extension NodeDriver {
    package var mayPrestart: Bool { spares > 0 }

    /// Spares are agents with their own keepers, which read the path of their configuration from stdin.
    package var prestart: Prestart? {
        guard wasWanted, spares > 0, let program = Self.program else { return nil }
        return Prestart(count: spares, edition: edition(of: program), lineDescriptor: Prestart.standardInput)
    }

    package func planPrestart() throws(Failure) -> LaunchPlan { try plan([KeeperCommand.spare]) }

    /// Only for specs with default identity and limits: a running process can't be given others.
    package func assignment(for spec: ProcessSpec, as id: Name) -> PrestartAssignment? {
        let file = configurationFile(of: id)
        guard case .node = spec.invocation, spec.identity == Identity(), spec.limits == ResourceLimits(),
            let program = Self.program, (try? prepare(spec, as: id)) != nil, let plan = try? plan(Self.arguments(file))
        else { return nil }
        return PrestartAssignment(
            edition: edition(of: program), bytes: Array("\(file)\n".utf8), arguments: plan.arguments)
    }

    /// The number changes with the program file, so that spares of the old program are not used after an upgrade.
    private func edition(of program: String) -> Int {
        let present = FileSystem.identity(of: program)
        if present != identity { edition += 1 }
        identity = present
        return edition
    }
}
