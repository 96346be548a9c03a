import LinuxSystem
import Model

extension HostInfo {
    init(of configuration: AgentConfiguration, drivers: [DriverReport], limits: [LimitReport]) {
        self.init(
            host: configuration.host, version: Version.current, protocolVersion: Version.wireProtocol, drivers: drivers,
            labels: configuration.labels, limits: limits, generation: configuration.generation)
        system = SystemDescription(
            os: SystemRelease.os, kernel: SystemRelease.kernel, arch: SystemRelease.arch,
            cpus: SystemStatistics.processorCount(), memory: SystemStatistics.memory().total)
    }
}
