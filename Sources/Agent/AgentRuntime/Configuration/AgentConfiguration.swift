package import Drivers
package import JSONCodec
package import MQTTTransport
package import Model

/// How an agent shall run: what its command line, its environment and its configuration file say together.
package struct AgentConfiguration: Sendable {
    package var host: HostName
    package var broker: BrokerAddress
    package var stateDirectory: String
    /// Seconds.
    package var healthInterval = Limits.healthInterval
    /// Seconds.
    package var stopGrace = Limits.gracePeriod
    package var quotas = Quotas()
    /// Whether each line of the audit log is published as well.
    package var publishesAudit = false
    package var labels: [Label] = []
    /// Which run of a node or VM this is, as whoever started it says.
    package var generation: String?
    /// Agents that are begun before anybody wants them as nodes, once somebody has wanted one.
    package var nodeSpares = 1
    package var vms = VMSettings()
    package var policy: Policy
    /// The broker as nodes and machines speak to it: as this agent does, unless they are somebody of their own.
    package private(set) var guests: BrokerAddress
    /// What this agent's nodes have from it beside the broker: its policy and limits.
    private var inheritedRules: [JSON.Member]
    /// What is to be told of files with secrets.
    package var exposures: [String] = []
    /// Where this machine's own process specs are.
    package var processesDirectory: String

    /// The settings that this agent's nodes have from it.
    package var inherited: [JSON.Member] { guests.members + inheritedRules }

    /// - Parameter inherited: without the broker's.
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

    /// The fields that an agent can't change while it runs.
    func fixedFields(differingFrom other: AgentConfiguration) -> [String] {
        [
            host != other.host ? "host" : nil,
            broker.isLocal != other.broker.isLocal
                ? "broker, and with it what may be run," : broker != other.broker ? "broker" : nil,
            stateDirectory != other.stateDirectory ? "state_dir" : nil,
            nodeSpares != other.nodeSpares ? "node_spares" : nil,
            guests != other.guests ? "as whom nodes and machines speak to the broker" : nil,
            vms != other.vms ? "how virtual machines are run" : nil,
        ].compactMap(\.self)
    }

    /// Takes over all the others.
    mutating func adopt(_ other: AgentConfiguration) {
        let (host, broker, stateDirectory, vms) = (host, broker, stateDirectory, vms)
        let (nodeSpares, guests) = (nodeSpares, guests)
        // What is trusted goes by the broker that is in use.
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
    }
}
