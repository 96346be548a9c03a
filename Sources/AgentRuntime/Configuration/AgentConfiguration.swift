import JSONCodec
package import MQTTTransport
package import Model

/// How an agent shall run: what its command line, its environment and its configuration file say together.
package struct AgentConfiguration: Sendable {
    package var host: HostName
    package var broker: BrokerAddress
    package var stateDirectory: String
    /// Seconds.
    package var healthInterval = Limits.healthInterval
    /// Seconds; 0 turns expiry off.
    package var requestTTL = Limits.requestTTL
    /// Seconds.
    package var stopGrace = Limits.gracePeriod
    /// Live processes at most.
    package var processLimit = Limits.processes
    package var labels: [Label] = []
    /// Which run of a node or VM this is, as whoever started it says.
    package var generation: String?
    package var machines = MachineSettings()
    /// Where this machine's own process specs are.
    package var processesDirectory: String

    init(host: HostName, broker: BrokerAddress, stateDirectory: String) {
        self.host = host
        self.broker = broker
        self.stateDirectory = stateDirectory
        processesDirectory = "\(stateDirectory)/processes.d"
    }

    /// The fields that an agent can't change while it runs.
    func fixedFields(differingFrom other: AgentConfiguration) -> [String] {
        [
            host != other.host ? "host" : nil, broker != other.broker ? "broker" : nil,
            stateDirectory != other.stateDirectory ? "state_dir" : nil,
            machines != other.machines ? "how virtual machines are run" : nil,
        ].compactMap(\.self)
    }

    /// Takes over all the others.
    mutating func adopt(_ other: AgentConfiguration) {
        let (host, broker, stateDirectory, machines) = (host, broker, stateDirectory, machines)
        self = other
        self.host = host
        self.broker = broker
        self.stateDirectory = stateDirectory
        self.machines = machines
    }
}
