import ServiceSupport
import var Glibc.ENOENT
import LinuxSystem
import Model

/// The entry point of `pm-agent`: parses the flags, then runs the agent, or logs one line and returns an exit code.
package enum AgentCommandLine {
    /// - Returns: the exit code. 0: success. 100: usage error. 111: system error. ``KeeperLink/refused``: the keeper
    ///   has another message version.
    package static func run(_ arguments: [String]) -> Int32 {
        StandardStreams.ensureOpen()
        // Found now, because an upgrade may replace the file while this program runs.
        let program = Program.path
        // Swift reads the arguments there, too.
        guard Boot.hasProc else { return Log.fail(111, "/proc is not mounted: the agent finds processes there") }
        let options: AgentOptions
        do { options = try AgentOptions(arguments.dropFirst()) } catch {
            return Log.usageError("\(error) (see --help)")
        }
        switch options.action {
        case .help:
            FileSystem.write(AgentOptions.help, to: 1)
            return 0
        case .version:
            FileSystem.write("pm-agent \(Version.current)\n", to: 1)
            return 0
        case .checkConfiguration, .run: break
        }
        if options.releasesCgroup { return releaseCgroup() }
        // Before anything is opened: the keeper's descriptors are recognized by their numbers.
        let link = options.isWorker ? KeeperLink.inherited() : nil
        if let refusal = link?.refusal { return Log.fail(KeeperLink.refused, refusal) }
        do {
            if options.isGuest, let link { return try runInside(link, options) }
            var file = options.file
            if options.isSpare, let link {
                // The line has ended: this spare will not be assigned.
                guard let told = try PrestartedAgent.awaitConfiguration(link) else { return 0 }
                file = told
            }
            if options.asksForUpgrade {
                return UpgradeRequest.run(
                    try AgentConfiguration.stateDirectory(
                        flags: options.settings, file: file, environment: Environment.value))
            }
            let configuration = try read(options.settings, file)
            Log.level = configuration.logLevel
            if options.action == .checkConfiguration || options.isWorker {
                for exposure in configuration.exposures { Log.note(exposure, .warning) }
            }
            if options.action == .checkConfiguration { return 0 }
            guard options.isWorker else { return Log.fail(111, "\(becomeKeeper(of: arguments))") }
            guard let link else { return Log.usageError("only pm-keeper may use \(KeeperCommand.worker)") }
            let name = "\(groupPrefix)\(configuration.host)"
            let ground = try AgentFoundation(
                state: configuration.stateDirectory, name: name, bootID: Boot.id, link: link)
            let own = options.isSpare ? ["--config", file ?? ""] : Array(arguments.dropFirst())
            let trial = ProgramTrial(path: program ?? "", arguments: own.filter { $0 != KeeperCommand.worker })
            let agent = try Agent(configuration, ground: ground, line: nil, trial: trial) { [file] in
                try read(options.settings, file)
            }
            reportReady()
            return try agent.run()
        } catch let error as ConfigurationError {
            return Log.usageError("\(error)")
        } catch {
            return Log.fail(111, "\(error)")
        }
    }

    private static func reportReady() {
        do { try ServiceManager.reportReady() } catch {
            Log.note("can't report to the service manager: \(error)", .warning)
        }
    }

    private static func releaseCgroup() -> Int32 {
        do throws(SystemError) { try CgroupRoot.release(prefix: groupPrefix) } catch {
            return Log.fail(111, "\(error)")
        }
        return 0
    }

    /// The prefix of all agents' cgroup names.
    private static let groupPrefix = "pm-agent-"

    private static func read(
        _ settings: [String: String], _ file: String?
    ) throws(ConfigurationError) -> AgentConfiguration {
        try AgentConfiguration.read(flags: settings, file: file, environment: Environment.value)
    }

    /// Runs as a guest's agent: waits for the VM's identity if it is new.
    private static func runInside(_ link: KeeperLink, _ options: AgentOptions) throws -> Int32 {
        let guest = try Guest(link)
        let known = { try read(options.settings, guest.configurationFile) }
        let configuration = guest.isNew ? try read(options.settings, Guest.nobodysFile) : try known()
        let agent = try Agent(configuration, ground: guest.ground, line: guest.line, trial: nil, reload: known)
        if guest.isNew {
            try guest.learn { try agent.warmUp() }
            try agent.become(try known())
        }
        return try agent.run()
    }

    /// Replaces this program by the keeper, which keeps its pid and starts the worker as a child.
    ///
    /// - Returns: only when that has failed.
    private static func becomeKeeper(of arguments: [String]) -> SystemError {
        guard let agent = Program.path else { return SystemError("find pm-keeper", errno: ENOENT) }
        return Program.become(KeeperCommand.words(agent: agent, arguments))
    }
}
