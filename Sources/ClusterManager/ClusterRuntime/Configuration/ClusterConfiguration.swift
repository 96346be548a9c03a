import ServiceSupport
import MQTTTransport
import Model

/// How pm-cluster shall run: what its command line, its environment and its configuration file say together.
package struct ClusterConfiguration {
    var broker: BrokerAddress
    var stateDirectory: String
    /// Seconds.
    var healthInterval = Limits.healthInterval
    var quotas = Quotas()
    /// Nodes and VMs that are brought up at the same time.
    var launches = Limits.launches
    /// Seconds until what was started must be online.
    var bootTimeout = Limits.bootTimeout
    /// Seconds until an agent must have answered a request that starts something.
    var stepTimeout = Limits.stepTimeout
    /// Seconds after which what ran on a host that is away is given up.
    var hostLostAfter = Limits.hostLostAfter

    /// How many times a host's memory may be promised to VMs.
    var memoryOvercommit = Limits.memoryOvercommit
    /// What is to be told of files with secrets.
    var exposures: [String] = []

    private static let settings = [
        "state_dir", "health_interval", "max_launches", "boot_timeout", "step_timeout",
        "host_lost_after", "memory_overcommit",
    ]

    static func read(
        flags: [String: String], file: String?, environment: @escaping (String) -> String?
    ) throws(ConfigurationError) -> ClusterConfiguration {
        let values = try Settings(
            flags: flags, file: file, known: settings + Settings.brokerSettings + Settings.requestSettings,
            environment: environment)
        var configuration = ClusterConfiguration(
            broker: try values.broker(), stateDirectory: try values.stateDirectory())
        configuration.healthInterval = try values.number("health_interval", in: 0.1...86_400) ?? Limits.healthInterval
        configuration.quotas = try values.requestQuotas()
        configuration.launches = try values.whole("max_launches", in: 1...Limits.mostLaunches) ?? Limits.launches
        configuration.bootTimeout = try values.number("boot_timeout", in: 0.1...86_400) ?? Limits.bootTimeout
        configuration.stepTimeout = try values.number("step_timeout", in: 0.1...86_400) ?? Limits.stepTimeout
        configuration.hostLostAfter = try values.number("host_lost_after", in: 1...31_536_000) ?? Limits.hostLostAfter
        configuration.memoryOvercommit =
            try values.number("memory_overcommit", in: Limits.leastMemoryOvercommit...Limits.mostMemoryOvercommit)
            ?? Limits.memoryOvercommit
        configuration.exposures = try values.exposures()
        return configuration
    }

    /// What can't be changed while pm-cluster runs.
    func fixedFields(differingFrom other: ClusterConfiguration) -> [String] {
        [
            broker != other.broker ? "broker" : nil, stateDirectory != other.stateDirectory ? "state_dir" : nil,
        ].compactMap(\.self)
    }

    /// Takes over all the others.
    mutating func adopt(_ other: ClusterConfiguration) {
        let (broker, stateDirectory) = (broker, stateDirectory)
        self = other
        self.broker = broker
        self.stateDirectory = stateDirectory
    }
}
