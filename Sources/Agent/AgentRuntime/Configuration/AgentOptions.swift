import ServiceSupport
import LinuxSystem

/// The options of `pm-agent`'s command line.
struct AgentOptions {
    private let options: DaemonOptions

    var action: DaemonOptions.Action { options.action }
    var file: String? { options.file }
    /// By the setting's name in the configuration file.
    var settings: [String: String] { options.settings }
    /// Whether the keeper started this process; only the keeper passes this option.
    var isWorker: Bool { options.words.contains(KeeperCommand.worker) }
    /// Whether this agent runs in a VM; passed by the keeper that is the guest's init.
    var isGuest: Bool { options.words.contains(KeeperCommand.guest) }
    /// Whether this is a node spare, which reads the path of its configuration from stdin.
    var isSpare: Bool { options.words.contains(KeeperCommand.spare) }

    /// Whether to release the agent's cgroup after its end, so that systemd can start the next agent.
    var releasesCgroup: Bool { options.words.contains(KeeperCommand.release) }

    /// Whether to ask the running agent for an upgrade.
    var asksForUpgrade: Bool { options.words.contains(Self.upgrade) }

    private static let upgrade = "--upgrade"

    private static let flags = [
        "--host": "host", "--state-dir": "state_dir", "--health-interval": "health_interval",
        "--log-level": "log_level",
    ].merging(Settings.brokerFlags) { own, _ in own }

    init(_ arguments: some Sequence<String>) throws(ConfigurationError) {
        options = try DaemonOptions(
            arguments, flags: Self.flags,
            words: [
                KeeperCommand.worker, KeeperCommand.guest, KeeperCommand.spare, KeeperCommand.release, Self.upgrade,
            ])
    }

    static let help = """
        Runs and supervises processes on this host, on request over MQTT.

        usage: pm-agent --broker URL --state-dir DIR [options]

          --host NAME            name of this host; the agent listens on pm/NAME/control; default: the system's
                                 name; in it, %H is that name and %m the start of /etc/machine-id
          --broker URL           mqtts://host[:8883] with TLS, mqtt://host[:1883] or unix:///path
          --user NAME            user name at the broker; the password is in PM_PASSWORD or --password-file FILE
          --ca FILE              CA certificates (PEM) for mqtts://; default: the system's
          --cert FILE --key FILE the agent's certificate and key (PEM)
          --state-dir DIR        directory for the lock, the processes' logs and the agent's state
          --config FILE          JSON file with these and other settings (see docs/configuration.md);
                                 flags and PM_HOST, PM_BROKER, … override it
          --health-interval S    seconds between two health messages; default: 10
          --log-level LEVEL      error, warning, info or debug (each request); default: info
          --release-cgroup       for ExecStopPost: lets systemd start the agent while its processes still run
          --upgrade              ask the running agent of --state-dir to go over to the programs on the disk, and
                                 wait until it has; its processes run on
          --check-config         check the configuration and exit
          --version, --help

        SIGTERM stops the processes, then the agent; a second SIGTERM ends all grace periods.
        SIGHUP reads the configuration and the specs in processes_dir (DIR/processes.d) again.
        SIGUSR2 does what --upgrade asks for.
        Exit codes: 0: success. 100: usage error. 111: system error. With --upgrade: 3: no agent runs with
        this state directory. 111: not upgraded, and the agent runs on as it was; the reason is on stderr.

        """
}
