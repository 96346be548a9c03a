package import JSONCodec
package import LinuxSystem
package import Model
import Wire

/// Runs an agent of its own under the process's name: another host on the same machine, for as long as it is wanted.
package final class NodeDriver: Driver {
    package let name = ProcessSpec.nodeDriver

    /// Where nodes keep their state, a directory each.
    private let directory: String
    /// Of their configuration, beside what is each one's own.
    package var settings: [JSON.Member]
    /// How many are begun before anybody wants them, once somebody has wanted one.
    private let spares: Int
    private var wasWanted = false
    /// Of the program that spares run, and how often it has become another one.
    private var identity = ""
    private var edition = 0
    /// Looked up once: after an upgrade the path is another program's, and the right one.
    private static let program = Program.path

    /// - Parameters:
    ///   - stateDirectory: of the agent that runs the nodes.
    ///   - settings: of their configuration, with the credentials that its nodes share.
    ///   - spares: that are kept ready.
    package init(stateDirectory: String, settings: [JSON.Member], spares: Int) {
        directory = "\(stateDirectory)/nodes"
        self.settings = settings
        self.spares = spares
    }

    /// It is the agent's own program, which is here.
    package func fingerprint() -> DriverReport {
        DriverReport(name: name, reason: Self.program == nil ? Self.lost : nil)
    }

    private static let lost = "can't find the agent's own program"

    package func programName(of spec: ProcessSpec, seeing files: FileView) -> String { name }

    package func plan(_ spec: ProcessSpec, as id: Name, seeing files: FileView) throws(Failure) -> LaunchPlan {
        guard case .node(let agent) = spec.invocation else {
            throw Failure(.invalidArgument, "\(name) runs agents only")
        }
        var plan = try plan(Self.arguments(try configure(agent, id)))
        plan.umask = spec.identity.umask
        plan.nice = spec.identity.nice
        plan.openFiles = spec.limits.openFiles
        plan.coreSize = spec.limits.core
        wasWanted = true
        return plan
    }

    /// Its keeper at once: the configuration needs no check, and a start of the agent's program takes milliseconds.
    ///
    /// - Parameter arguments: the agent's, behind its own name.
    private func plan(_ arguments: [String]) throws(Failure) -> LaunchPlan {
        guard let program = Self.program else { throw Failure(.driverUnavailable, Self.lost) }
        let environment = try BaseEnvironment.merged(with: [], account: nil, seeing: FileView())
        let words = KeeperCommand.words(agent: program, [program] + arguments)
        return LaunchPlan(
            executable: words[0], arguments: words, environment: environment.assignments, directory: "/")
    }

    private static func arguments(_ configuration: String) -> [String] { ["--config", configuration] }

    /// Writes down who a node is.
    ///
    /// - Returns: the path of its configuration.
    private func configure(_ agent: InnerAgent, _ id: Name) throws(Failure) -> String {
        let state = "\(directory)/\(id)"
        let file = "\(state)/agent.json"
        do throws(SystemError) {
            try FileSystem.makeDirectories(state)
            let settings = try settings.map { setting throws(SystemError) in try Self.withoutPassword(setting, state) }
            let configuration = configuration(of: agent, id, state, settings)
            try FileSystem.replace(file, with: configuration.printed(), isDurable: false)
        } catch {
            throw Failure(.execFailed, "\(error)")
        }
        return file
    }

    /// A password has a file of its own, for its owner alone: configurations are shown around.
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
                // Its host runs machines: each node that tried out whether it can would keep the machine busy.
                .init("vm_image", .string(QemuInstallation.noImage)),
            ] + settings + generation)
    }

    package func forget(_ id: Name) { FileSystem.removeTree("\(directory)/\(id)") }
}

// MARK: Spares

extension NodeDriver {
    package var mayPrestart: Bool { spares > 0 }

    /// Agents under keepers of their own, which hear on their stdin where their configuration is.
    package var prestart: Prestart? {
        guard wasWanted, spares > 0, let program = Self.program else { return nil }
        return Prestart(count: spares, edition: edition(of: program), lineDescriptor: Prestart.standardInput)
    }

    package func planPrestart() throws(Failure) -> LaunchPlan { try plan([KeeperCommand.spare]) }

    /// Only what is all as usual: an agent that runs already can't be given limits that it would be born with.
    package func assignment(for spec: ProcessSpec, as id: Name) -> PrestartAssignment? {
        guard case .node(let agent) = spec.invocation, spec.identity == Identity(), spec.limits == ResourceLimits(),
            let program = Self.program, let file = try? configure(agent, id), let plan = try? plan(Self.arguments(file))
        else { return nil }
        return PrestartAssignment(
            edition: edition(of: program), bytes: Array("\(file)\n".utf8), arguments: plan.arguments)
    }

    /// After an upgrade, those that have begun are of the program before it.
    private func edition(of program: String) -> Int {
        let present = FileSystem.identity(of: program)
        if present != identity { edition += 1 }
        identity = present
        return edition
    }
}
