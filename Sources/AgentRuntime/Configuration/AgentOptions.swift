import LinuxSystem

/// What `pm-agent`'s command line says. ArgumentParser would bring Foundation, and with it ten megabytes, into the daemon.
struct AgentOptions {
    enum Action { case run, checkConfiguration, version, help }

    private(set) var action = Action.run
    private(set) var file: String?
    /// Whether the keeper has started it: that is nobody's to say but the keeper's.
    private(set) var isWorker = false
    /// Whether this is the inside of a virtual machine, as its kernel's first program says.
    private(set) var isGuest = false
    /// By the setting's name in the configuration file.
    private(set) var settings: [String: String] = [:]

    private static let flags = [
        "--host": "host", "--broker": "broker", "--state-dir": "state_dir", "--health-interval": "health_interval",
    ]

    init(_ arguments: some Sequence<String>) throws(ConfigurationError) {
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": action = .help
            case "--version": action = .version
            case "--check-config": action = .checkConfiguration
            case KeeperCommand.worker: isWorker = true
            case KeeperCommand.guest: isGuest = true
            default:
                // Both `--flag value` and `--flag=value`.
                let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let flag = String(parts[0])
                guard flag == "--config" || Self.flags[flag] != nil else {
                    throw ConfigurationError("unknown option \(argument)")
                }
                guard let value = parts.count > 1 ? String(parts[1]) : rest.popFirst() else {
                    throw ConfigurationError("\(flag) needs a value")
                }
                if let setting = Self.flags[flag] { settings[setting] = value } else { file = value }
            }
        }
    }

    static let help = """
        Runs and supervises this machine's processes on request over MQTT.

        usage: pm-agent --host NAME --broker URL --state-dir DIR [options]

          --host NAME            this machine's name: it listens on pm/NAME/control
          --broker URL           mqtt://[user[:password]@]host[:1883] or unix:///path
          --state-dir DIR        where it keeps its lock, the processes' logs and what it must remember
          --config FILE          a JSON file with host, broker, state_dir, health_interval, request_ttl,
                                 stop_grace, max_processes, processes_dir, vm_image, labels; flags and PM_HOST, … override it
          --health-interval S    seconds between two health messages (10)
          --check-config         say whether the configuration is fine, and end
          --version, --help

        SIGTERM stops its processes, then the agent; a second one does not wait for grace periods.
        SIGHUP reads the configuration and the specs in processes_dir (DIR/processes.d) again. Exit codes: 0 fine, 100 used wrongly, 111 the system failed.

        """
}
