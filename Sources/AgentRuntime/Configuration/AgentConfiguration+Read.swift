package import Daemon
import JSONCodec
import Model
import Wire

extension AgentConfiguration {
    /// Every setting by the name it has in the file; flags and variables are made of these names.
    private static let settings = [
        "host", "state_dir", "health_interval", "request_ttl", "stop_grace", "max_processes",
        "processes_dir", "generation", "vm_image", "vm_clones", "vm_pool", "vm_boot_timeout", "vm_silence_timeout",
    ]

    /// Puts a configuration together: a flag wins over a variable (`PM_HOST`, …), that over the file, that over a default.
    ///
    /// - Parameter flags: by setting.
    package static func read(
        flags: [String: String], file: String?, environment: @escaping (String) -> String?
    ) throws(ConfigurationError) -> AgentConfiguration {
        let values = try Settings(
            flags: flags, file: file, known: settings + Settings.brokerSettings + ["labels"], environment: environment)
        guard let hostText = try values.text("host") else {
            throw ConfigurationError("no host name: say --host NAME")
        }
        guard let host = HostName(hostText) else {
            throw ConfigurationError(
                "host \"\(hostText)\" must be 1 to 63 of A-Z a-z 0-9 . _ -, a letter or digit first, and not "
                    + HostName.reserved.sorted().joined(separator: ", "))
        }
        var configuration = AgentConfiguration(
            host: host, broker: try values.broker(), stateDirectory: try values.stateDirectory())
        configuration.healthInterval = try values.number("health_interval", in: 0.1...86_400) ?? Limits.healthInterval
        configuration.requestTTL = try values.number("request_ttl", in: 0...86_400) ?? Limits.requestTTL
        configuration.stopGrace = try values.number("stop_grace", in: 0...3_600) ?? Limits.gracePeriod
        configuration.processLimit = try values.whole("max_processes", in: 1...Limits.processes) ?? Limits.processes
        if let path = try values.text("processes_dir") { configuration.processesDirectory = path }
        configuration.generation = try values.text("generation")
        configuration.machines = try machines(values)
        configuration.labels = try labels(values.document["labels"])
        return configuration
    }

    private static func machines(_ values: Settings) throws(ConfigurationError) -> MachineSettings {
        let timeouts = 1...Limits.longestWait
        var machines = MachineSettings()
        machines.image = try values.text("vm_image")
        machines.clones = try values.flag("vm_clones") ?? machines.clones
        machines.pool = try values.whole("vm_pool", in: 0...Limits.machinePool) ?? machines.pool
        machines.bootTimeout = try values.number("vm_boot_timeout", in: timeouts) ?? machines.bootTimeout
        machines.silenceTimeout = try values.number("vm_silence_timeout", in: timeouts) ?? machines.silenceTimeout
        return machines
    }

    private static func labels(_ json: JSON?) throws(ConfigurationError) -> [Label] {
        guard let json else { return [] }
        do { return try Label.list(json) } catch { throw ConfigurationError(error.detail) }
    }
}
