package import Drivers
package import JSONCodec
package import MQTTTransport
package import Model

/// The configuration of an agent, from its command line, its environment and its configuration file.
///
/// At SIGHUP the agent reads a new one: ``adopt(_:)`` takes over everything except the fields that need a restart,
/// which ``fixedFields(differingFrom:)`` names.
package struct AgentConfiguration: Sendable {
    package var host: HostName
    package var broker: BrokerAddress
    package var stateDirectory: String
    /// Seconds.
    package var healthInterval = Limits.healthInterval
    /// Seconds between two health messages at most, while nothing changes.
    package var healthMaxInterval = Limits.healthInterval
    /// Seconds without a message after which the connection to the broker is checked.
    package var keepAlive = Limits.keepAlive
    /// Seconds.
    package var stopGrace = Limits.gracePeriod
    package var quotas = Quotas()
    package var logLevel = LogLevel.info
    /// Whether the lines of the audit log are also published.
    package var publishesAudit = false
    package var labels: [Label] = []
    /// The generation of this node or VM, set by pm-cluster; nil for other hosts.
    package var generation: String?
    /// The number of node spares to keep, from the first request for a node on.
    package var nodeSpares = 1
    package var vms = VMSettings()
    package var policy: Policy
    /// The broker address and credentials for nodes and VMs: the agent's own, or those in the `guest_*` settings.
    package private(set) var guests: BrokerAddress
    /// The policy and limits that nodes inherit.
    private var inheritedRules: [JSON.Member]
    /// Warnings about files with secrets that other users can read or change.
    package var exposures: [String] = []
    /// The directory of the host's own process specs.
    package var processesDirectory: String

    /// All settings that nodes inherit.
    package var inherited: [JSON.Member] { guests.members + inheritedRules }

    /// - Parameter inherited: the policy and limits for nodes, without the broker settings.
    init(
        host: HostName, broker: BrokerAddress, guests: BrokerAddress, stateDirectory: String, policy: Policy,
        inherited: [JSON.Member]
    ) {
        self.host = host
        self.broker = broker
        self.stateDirectory = stateDirectory
        self.policy = policy
        self.guests = guests
        inheritedRules = inherited
        processesDirectory = "\(stateDirectory)/processes.d"
    }

    /// Names the changed fields that take effect only after a restart, for the log.
    func fixedFields(differingFrom other: AgentConfiguration) -> [String] {
        [
            host != other.host ? "host" : nil,
            broker.isLocal != other.broker.isLocal
                ? "broker, and with it the default policy," : broker != other.broker ? "broker" : nil,
            stateDirectory != other.stateDirectory ? "state_dir" : nil,
            keepAlive != other.keepAlive ? "keep_alive" : nil,
            nodeSpares != other.nodeSpares ? "node_spares" : nil,
            guests != other.guests ? "the broker identity of nodes and VMs" : nil,
            vms != other.vms ? "a vm_* setting" : nil,
        ].compactMap(\.self)
    }

    /// Takes over all fields of a new configuration that need no restart.
    mutating func adopt(_ other: AgentConfiguration) {
        let (host, broker, stateDirectory, vms) = (host, broker, stateDirectory, vms)
        let (nodeSpares, guests, keepAlive) = (nodeSpares, guests, keepAlive)
        // The default policy depends on the broker in use: it must not change before the broker does.
        let isTrustedAlike = broker.isLocal == other.broker.isLocal
        let rules = isTrustedAlike ? (other.policy, other.inheritedRules) : (policy, inheritedRules)
        self = other
        (policy, inheritedRules) = rules
        self.guests = guests
        self.host = host
        self.broker = broker
        self.stateDirectory = stateDirectory
        self.vms = vms
        self.nodeSpares = nodeSpares
        self.keepAlive = keepAlive
    }
}
