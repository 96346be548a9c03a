import ServiceSupport
import LinuxSystem
import Model
import Supervision

/// Measures the health of the agent and its host, and collects the health reasons.
final class HealthMonitor {
    private let host: HostName
    private let supervisor: Supervisor
    private let sources: [any HealthSource]
    private let startedAt = Instant.now
    /// A random number for each start of the worker, by which a reader can tell a restart from a gap in the messages.
    let session: String
    private static let processors = SystemStatistics.processorCount()
    private var sequence = 0

    let conflict: NameConflict
    let ownHealth: OwnHealth

    /// A reason for the last health message of an agent that ends.
    private var lastWords: String?

    var pace: HealthPace

    init(_ configuration: AgentConfiguration, _ ground: AgentFoundation, _ others: [any HealthSource]) {
        host = configuration.host
        pace = HealthPace(from: configuration.healthInterval, to: configuration.healthMaxInterval)
        supervisor = ground.supervisor
        sources = [supervisor, ground.stateStore] + others
        session = String(UInt64.random(in: .min ... .max), radix: 16)
        ownHealth = OwnHealth(of: host, on: ground.loop)
        conflict = NameConflict(of: host, session: session)
    }

    /// The health reasons. Cheap enough to be called after every change.
    func reasons() -> [String] {
        (lastWords.map { [$0] } ?? []) + conflict.reasons + ownHealth.reasons + clockReasons
            + sources.flatMap { $0.reasons }
    }

    /// With such a clock the agent does not judge the timestamps of requests.
    private var clockReasons: [String] {
        WallClock.now < Version.builtAfter ? ["the clock is not set: it shows a time before this agent was built"] : []
    }

    /// The agent ends; `survivors` names the processes that it could not stop.
    func agentEnds(leaving survivors: String) {
        lastWords = "the agent has ended, and has left behind: \(survivors)"
    }

    /// Measures health for a message that is published now.
    func measureForMessage() -> Health {
        var health = measure()
        pace.note(health.reasons, health.processes)
        health.interval = pace.interval
        return health
    }

    /// Measures health now, and increments the sequence number.
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
            host: host, reasons: reasons(), timestamp: WallClock.now, interval: pace.interval, sequence: sequence,
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
        return trouble.map { ["the audit log can't be written: \($0)"] } ?? []
    }
}

extension PacketLimitNotice: HealthSource {}
extension MissingRights: HealthSource {}

/// A component that contributes health reasons.
protocol HealthSource: AnyObject {
    /// One phrase per reason, in a stable order.
    var reasons: [String] { get }
}
