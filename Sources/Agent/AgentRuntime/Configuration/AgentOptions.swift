import ServiceSupport
import LinuxSystem

/// What `pm-agent`'s command line says.
struct AgentOptions {
    private let options: DaemonOptions

    var action: DaemonOptions.Action { options.action }
    var file: String? { options.file }
    /// By the setting's name in the configuration file.
    var settings: [String: String] { options.settings }
    /// Whether the keeper has started it: that is nobody's to say but the keeper's.
    var isWorker: Bool { options.words.contains(KeeperCommand.worker) }
    /// Whether this is the inside of a virtual machine, as its kernel's first program says.
    var isGuest: Bool { options.words.contains(KeeperCommand.guest) }
    /// Whether it has still to hear where its configuration is, as its starter says.
    var isSpare: Bool { options.words.contains(KeeperCommand.spare) }

    /// Whether an agent has ended, and systemd is to be able to start another one.
    var releasesCgroup: Bool { options.words.contains(KeeperCommand.release) }

    private static let flags = [
        "--host": "host", "--state-dir": "state_dir", "--health-interval": "health_interval",
    ].merging(Settings.brokerFlags) { own, _ in own }

    init(_ arguments: some Sequence<String>) throws(ConfigurationError) {
        options = try DaemonOptions(
            arguments, flags: Self.flags,
            words: [KeeperCommand.worker, KeeperCommand.guest, KeeperCommand.spare, KeeperCommand.release])
    }

    static let help = """
        Runs and supervises this machine's processes on request over MQTT.

        usage: pm-agent --host NAME --broker URL --state-dir DIR [options]

          --host NAME            this machine's name: it listens on pm/NAME/control
          --broker URL           mqtts://host[:8883] with TLS, mqtt://host[:1883] or unix:///path
          --user NAME            as whom the broker knows it; PM_PASSWORD or --password-file FILE has the password
          --ca FILE              who may vouch for a broker at mqtts://, in PEM, instead of whom this machine trusts
          --cert FILE --key FILE its own certificate and key, in PEM
          --state-dir DIR        where it keeps its lock, the processes' logs and what it must remember
          --config FILE          a JSON file with these and other settings: docs/configuration.md lists them all;
                                 flags and PM_HOST, PM_BROKER, … override it
          --health-interval S    seconds between two health messages (10)
          --release-cgroup       for ExecStopPost: has systemd be able to start the agent while its processes live
          --check-config         say whether the configuration is fine, and end
          --version, --help

        SIGTERM stops its processes, then the agent; a second one does not wait for grace periods.
        SIGHUP reads the configuration and the specs in processes_dir (DIR/processes.d) again.
        Exit codes: 0 fine, 100 used wrongly, 111 the system failed.

        """
}
