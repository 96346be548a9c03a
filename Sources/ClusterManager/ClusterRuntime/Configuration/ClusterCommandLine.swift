import ServiceSupport
import LinuxSystem
import Model

/// The command line of `pm-cluster`: runs the daemon, or prints one line and returns an exit code.
package enum ClusterCommandLine {
    private static let flags = ["--state-dir": "state_dir", "--log-level": "log_level"].merging(Settings.brokerFlags) {
        own, _ in own
    }

    /// - Returns: the exit code. 0: success. 100: usage error. 111: system error, or another pm-cluster is active.
    package static func run(_ arguments: [String]) -> Int32 {
        StandardStreams.ensureOpen()
        let configuration: ClusterConfiguration
        let read: () throws(ConfigurationError) -> ClusterConfiguration
        do {
            let options = try DaemonOptions(arguments.dropFirst(), flags: flags)
            switch options.action {
            case .help:
                FileSystem.write(help, to: 1)
                return 0
            case .version:
                FileSystem.write("pm-cluster \(Version.current)\n", to: 1)
                return 0
            case .checkConfiguration, .run: break
            }
            read = { () throws(ConfigurationError) in
                try ClusterConfiguration.read(
                    flags: options.settings, file: options.file, environment: Environment.value)
            }
            configuration = try read()
            Log.level = configuration.logLevel
            for exposure in configuration.exposures { Log.note(exposure, .warning) }
            if options.action == .checkConfiguration { return 0 }
        } catch {
            return Log.usageError("\(error) (see --help)")
        }
        do {
            let service = try ClusterService(configuration, reload: read)
            do { try ServiceManager.reportReady() } catch {
                Log.note("can't report to the service manager: \(error)", .warning)
            }
            if let refusal = try service.run() { return Log.fail(111, refusal) }
            return 0
        } catch {
            return Log.fail(111, "\(error)")
        }
    }

    private static let help = """
        Creates and removes nodes and VMs on the hosts of a fleet, on request over MQTT.

        usage: pm-cluster --broker URL --state-dir DIR [options]

          --broker URL           mqtts://host[:8883] with TLS, mqtt://host[:1883] or unix:///path
          --user NAME            user name at the broker; the password is in PM_PASSWORD or --password-file FILE
          --ca FILE              CA certificates (PEM) for mqtts://; default: the system's
          --cert FILE --key FILE client certificate and key (PEM)
          --state-dir DIR        directory for a lock and one file per node and VM
          --config FILE          JSON file with these and other settings (see docs/cluster.md);
                                 flags and PM_BROKER, … override it
          --log-level LEVEL      error, warning, info or debug (each request); default: info
          --check-config         check the configuration and exit
          --version, --help

        SIGTERM ends pm-cluster; nodes and VMs keep running. SIGHUP reads the configuration again.
        Exit codes: 0: success. 100: usage error. 111: system error, or another pm-cluster is active on this broker or
        uses this state directory.

        """
}
