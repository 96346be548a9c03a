import Daemon
import Glibc
import LinuxSystem
import Model

/// `pm-agent`'s command line: flags in, a running agent or one line and an exit code out.
package enum AgentCommandLine {
    /// 0: fine. 100: used wrongly. 111: the system failed.
    package static func run(_ arguments: [String]) -> Int32 {
        StandardStreams.ensureOpen()
        let options: AgentOptions
        do { options = try AgentOptions(arguments.dropFirst()) } catch { return fail(100, "\(error) (see --help)") }
        switch options.action {
        case .help:
            FileSystem.write(AgentOptions.help, to: 1)
            return 0
        case .version:
            FileSystem.write("pm-agent \(Version.current)\n", to: 1)
            return 0
        case .checkConfiguration, .run: break
        }
        // First of all that is opened.
        let link = options.isWorker ? KeeperLink.inherited() : nil
        let guest: Guest?
        do { guest = options.isGuest ? try link.map { link in try Guest(link) } : nil } catch {
            return fail(111, "\(error)")
        }
        let read: () throws(ConfigurationError) -> AgentConfiguration = { () throws(ConfigurationError) in
            try AgentConfiguration.read(flags: options.settings, file: guest?.configurationFile ?? options.file) {
                name in
                getenv(name).map { String(cString: $0) }
            }
        }
        let configuration: AgentConfiguration
        do { configuration = try read() } catch { return fail(100, "\(error)") }
        if options.action == .checkConfiguration { return 0 }
        guard options.isWorker else { return fail(111, "\(becomeKeeper(of: arguments))") }
        guard let link else { return fail(100, "\(KeeperCommand.worker) is for pm-keeper") }
        do {
            let state = configuration.stateDirectory
            let ground =
                try guest?.ground
                ?? Groundwork(
                    state: state, name: "pm-agent-\(configuration.host)-\(FileSystem.identity(of: state))", link: link)
            try Agent(configuration, ground: ground, line: guest?.line, reload: read).run()
            return 0
        } catch {
            return fail(111, "\(error)")
        }
    }

    /// This process stays the one that its starter knows; the agent's work is done by a child of it.
    private static func becomeKeeper(of arguments: [String]) -> SystemError {
        guard let agent = Program.path else { return SystemError("find pm-keeper", errno: ENOENT) }
        return Program.become(KeeperCommand.words(agent: agent, arguments))
    }

    private static func fail(_ code: Int32, _ reason: String) -> Int32 {
        Log.note(reason)
        return code
    }
}
