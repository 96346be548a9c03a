package import ServiceSupport
import Drivers
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

extension AgentConfiguration {
    /// The agent's settings, by their names in the file. The names of environment variables are derived from them.
    private static let settings = [
        "host", "state_dir", "processes_dir", "generation",
        "health_interval", "health_max_interval", "keep_alive", "stop_grace", "run_as", "audit_topic", "log_level",
        "max_processes", "max_ended", "max_log_rate",
        "node_spares", "vm_image", "vm_clones", "vm_pool", "vm_boot_timeout", "vm_silence_timeout",
        "guest_user", "guest_password_file", "guest_cert", "guest_key",
    ]

    /// Builds the configuration. Precedence: flag, environment variable (`PM_HOST`, …), file, default.
    ///
    /// - Parameter flags: the values of flags, by setting.
    package static func read(
        flags: [String: String], file: String?, environment: @escaping (String) -> String?
    ) throws(ConfigurationError) -> AgentConfiguration {
        let values = try values(flags: flags, file: file, environment: environment)
        let host = try HostNamePattern(try values.text("host")).name(on: .present)
        let broker = try values.broker()
        let (policy, inherited) = try policy(values, broker)
        var configuration = AgentConfiguration(
            host: host, broker: broker, guests: try guests(values, broker),
            stateDirectory: try values.stateDirectory(), policy: policy, inherited: inherited)
        configuration.healthInterval = try values.number("health_interval", in: 0.1...86_400) ?? Limits.healthInterval
        let intervals = configuration.healthInterval...86_400
        configuration.healthMaxInterval =
            try values.number("health_max_interval", in: intervals) ?? configuration.healthInterval
        configuration.keepAlive = try values.keepAlive()
        configuration.stopGrace = try values.number("stop_grace", in: 0...3_600) ?? Limits.gracePeriod
        configuration.quotas = try quotas(values)
        configuration.logLevel = try values.logLevel()
        configuration.publishesAudit = try values.flag("audit_topic") ?? false
        if let path = try values.path("processes_dir") { configuration.processesDirectory = path }
        configuration.generation = try values.text("generation")
        configuration.nodeSpares = try values.whole("node_spares", in: 0...Limits.nodeSpares) ?? 1
        configuration.vms = try vms(values)
        configuration.exposures = try values.exposures(of: ["", "guest_"])
        configuration.labels = try labels(values.document["labels"])
        return configuration
    }

    private static func values(
        flags: [String: String], file: String?, environment: @escaping (String) -> String?
    ) throws(ConfigurationError) -> Settings {
        try Settings(
            flags: flags, file: file,
            known: settings + Settings.brokerSettings + Settings.requestSettings + ["labels", "policy"],
            environment: environment)
    }

    /// Reads only the state directory, for which nothing else needs to be set.
    static func stateDirectory(
        flags: [String: String], file: String?, environment: @escaping (String) -> String?
    ) throws(ConfigurationError) -> String {
        try values(flags: flags, file: file, environment: environment).stateDirectory()
    }

    /// - Returns: the policy, and the settings that a node needs for the same policy and limits.
    private static func policy(
        _ values: Settings, _ broker: BrokerAddress
    ) throws(ConfigurationError) -> (Policy, [JSON.Member]) {
        let user = try values.text("run_as")
        var members = user.map { [JSON.Member("run_as", .string($0))] } ?? []
        // A node has the limits of its host.
        let limits =
            [
                "keep_alive", "health_interval", "health_max_interval", "audit_topic", "log_level", "max_processes",
                "max_ended",
                "max_log_rate",
            ] + Settings.requestSettings
        for name in limits { members += values.document[name].map { [.init(name, $0)] } ?? [] }
        var rules = PolicyRules()
        if let json = values.document["policy"] {
            do throws(Failure) { rules = try PolicyRules(json) } catch { throw ConfigurationError(error.detail) }
            members.append(.init("policy", rules.json))
        }
        do throws(AccountError) {
            let standard: String?
            if let user { standard = user } else { standard = try Policy.defaultUser() }
            return (try Policy(rules, isTrusted: broker.isLocal, defaultUser: standard), members)
        } catch {
            throw ConfigurationError("run_as and policy: \(error.reason)")
        }
    }

    private static func quotas(_ values: Settings) throws(ConfigurationError) -> Quotas {
        var quotas = try values.requestQuotas()
        quotas.processes = try values.whole("max_processes", in: 1...Limits.processes) ?? quotas.processes
        quotas.ended = try values.whole("max_ended", in: 0...Limits.mostEndedProcesses) ?? quotas.ended
        quotas.followRate = try values.whole("max_log_rate", in: 1_024...Limits.mostFollowRate) ?? quotas.followRate
        return quotas
    }

    private static func vms(_ values: Settings) throws(ConfigurationError) -> VMSettings {
        let timeouts = 1...Limits.longestWait
        var vms = VMSettings()
        vms.image = try values.path("vm_image")
        vms.clones = try values.flag("vm_clones") ?? vms.clones
        vms.pool = try values.whole("vm_pool", in: 0...Limits.vmPool) ?? vms.pool
        vms.bootTimeout = try values.number("vm_boot_timeout", in: timeouts) ?? vms.bootTimeout
        vms.silenceTimeout = try values.number("vm_silence_timeout", in: timeouts) ?? vms.silenceTimeout
        return vms
    }

    /// The broker address with the credentials of nodes and VMs: the `guest_*` settings, else the agent's own.
    private static func guests(
        _ values: Settings, _ broker: BrokerAddress
    ) throws(ConfigurationError) -> BrokerAddress {
        var own: [String: String] = [:]
        for name in BrokerAddress.identity {
            let setting = "guest_\(name)"
            own[name] = BrokerAddress.files.contains(name) ? try values.path(setting) : try values.text(setting)
        }
        do throws(BrokerSettingsError) { return try own.isEmpty ? broker : broker.as(own) } catch {
            throw ConfigurationError("guests: \(error)")
        }
    }

    private static func labels(_ json: JSON?) throws(ConfigurationError) -> [Label] {
        guard let json else { return [] }
        do { return try Label.list(json) } catch { throw ConfigurationError(error.detail) }
    }
}
