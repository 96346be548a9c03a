import ServiceSupport
import MQTTTransport
import Model

/// The settings of pm-cluster, merged from command line, environment and configuration file.
package struct ClusterConfiguration {
    var broker: BrokerAddress
    var stateDirectory: String
    /// Seconds.
    var healthInterval = Limits.healthInterval
    /// Seconds without a message after which the connection to the broker is checked.
    var keepAlive = Limits.keepAlive
    var quotas = Quotas()
    var logLevel = LogLevel.info
    /// Nodes and VMs that are started at the same time.
    var launches = Limits.launches
    /// Seconds until a started instance must be online.
    var bootTimeout = Limits.bootTimeout
    /// Seconds until an agent must have answered a request.
    var stepTimeout = Limits.stepTimeout
    /// Seconds until the instances of an offline host are given up.
    var hostLostAfter = Limits.hostLostAfter

    /// VMs of one host may be promised this multiple of its memory.
    var memoryOvercommit = Limits.memoryOvercommit
    /// Warnings about files with secrets, to be logged.
    var exposures: [String] = []

    private static let settings = [
        "state_dir", "health_interval", "keep_alive", "log_level", "max_launches", "boot_timeout", "step_timeout",
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
        configuration.keepAlive = try values.keepAlive()
        configuration.logLevel = try values.logLevel()
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

    /// The names of changed settings that need a restart of pm-cluster.
    func fixedFields(differingFrom other: ClusterConfiguration) -> [String] {
        [
            broker != other.broker ? "broker" : nil, keepAlive != other.keepAlive ? "keep_alive" : nil,
            stateDirectory != other.stateDirectory ? "state_dir" : nil,
        ].compactMap(\.self)
    }

    /// Takes over all other settings.
    mutating func adopt(_ other: ClusterConfiguration) {
        let (broker, stateDirectory, keepAlive) = (broker, stateDirectory, keepAlive)
        self = other
        self.broker = broker
        self.stateDirectory = stateDirectory
        self.keepAlive = keepAlive
    }
}
