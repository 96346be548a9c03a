import ServiceSupport
import LinuxSystem
import Model
import Supervision

/// Looks at the agent and its machine, and says how they are.
final class HealthMonitor {
    private let host: HostName
    private let supervisor: Supervisor
    private let troubles: [any HealthSource]
    private let startedAt = Instant.now
    /// Different after each start: a reader can tell a restart from a gap.
    private let session: String
    private static let processors = SystemStatistics.processorCount()
    private var sequence = 0

    /// What an agent that ends has to say of what lives on.
    var lastWords: String?

    /// Seconds between two health messages.
    var interval: Double

    init(_ configuration: AgentConfiguration, _ ground: AgentFoundation, _ others: [any HealthSource]) {
        host = configuration.host
        interval = configuration.healthInterval
        supervisor = ground.supervisor
        troubles = [supervisor, ground.stateStore] + others
        session = String(UInt64.random(in: .min ... .max), radix: 16)
    }

    /// Why health is bad; cheap enough to look at after every change.
    func reasons() -> [String] { (lastWords.map { [$0] } ?? []) + troubles.flatMap { $0.reasons } }

    /// - Returns: health as of now, numbered.
    func measure() -> Health {
        sequence += 1
        supervisor.strays.look()
        supervisor.clock.look()
        let memory = SystemStatistics.memory()
        var counts = ProcessCounts()
        for process in supervisor.processes {
            counts.total += 1
            switch process.lifecycle.state {
            case .starting, .running, .stopping, .backoff: counts.running += 1
            case .failed: counts.failed += 1
            case .exited: break
            }
        }
        return Health(
            host: host, reasons: reasons(), timestamp: WallClock.now, interval: interval, sequence: sequence,
            session: session, uptime: (Instant.now - startedAt).inSeconds.rounded(toPlaces: 3),
            version: Version.current,
            system: SystemLoad(
                load: SystemStatistics.loadAverages().map { $0.rounded(toPlaces: 2) }, cpus: Self.processors,
                memoryTotal: memory.total,
                memoryAvailable: memory.available),
            processes: counts,
            agent: AgentUsage(
                residentMemory: SystemStatistics.residentMemory(), cpuSeconds: SystemStatistics.processorSeconds()))
    }
}

extension AuditLog: HealthSource {
    var reasons: [String] {
        lookAgain()
        return trouble.map { ["requests are not written down: \($0)"] } ?? []
    }
}

/// Knows why the agent's health may be bad.
protocol HealthSource: AnyObject {
    /// A phrase each, in an order that does not change by itself.
    var reasons: [String] { get }
}
