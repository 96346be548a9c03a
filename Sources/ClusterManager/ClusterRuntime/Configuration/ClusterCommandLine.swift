import ServiceSupport
import Glibc
import LinuxSystem
import Model

/// `pm-cluster`'s command line: flags in, a running daemon or one line and an exit code out.
package enum ClusterCommandLine {
    private static let flags = ["--state-dir": "state_dir"].merging(Settings.brokerFlags) { own, _ in own }

    /// 0: fine. 100: used wrongly. 111: the system failed, or another pm-cluster is there.
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
                try ClusterConfiguration.read(flags: options.settings, file: options.file) { name in
                    getenv(name).map { String(cString: $0) }
                }
            }
            configuration = try read()
            for exposure in configuration.exposures { Log.note(exposure) }
            if options.action == .checkConfiguration { return 0 }
        } catch {
            return fail(100, "\(error) (see --help)")
        }
        do {
            if let refusal = try ClusterService(configuration, reload: read).run() { return fail(111, refusal) }
            return 0
        } catch {
            return fail(111, "\(error)")
        }
    }

    private static func fail(_ code: Int32, _ reason: String) -> Int32 {
        Log.note(reason)
        return code
    }

    private static let help = """
        Makes and removes nodes and VMs on the hosts of a fleet, on request over MQTT.

        usage: pm-cluster --broker URL --state-dir DIR [options]

          --broker URL           mqtts://host[:8883] with TLS, mqtt://host[:1883] or unix:///path
          --user NAME            as whom the broker knows it; PM_PASSWORD or --password-file FILE has the password
          --ca FILE              who may vouch for a broker at mqtts://, in PEM, instead of whom this machine trusts
          --cert FILE --key FILE its own certificate and key, in PEM
          --state-dir DIR        where it keeps its lock and a file for each node and VM
          --config FILE          a JSON file with these and other settings: docs/cluster.md lists them all;
                                 flags and PM_BROKER, … override it
          --check-config         say whether the configuration is fine, and end
          --version, --help

        SIGTERM ends it; nodes and VMs live on. SIGHUP reads the configuration again. Exit codes: 0 fine, 100 used wrongly,
        111 the system failed, or another pm-cluster is at work on this broker or with this state directory.

        """
}
