import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Has each command done by who does it.
final class CommandRunner {
    private let host: HostName
    private let supervisor: Supervisor
    private let health: HealthMonitor
    private let session: Session
    private let shutDown: () -> Void

    /// - Parameter shutDown: begins to end the agent; what waits to be said is said before.
    init(
        host: HostName, supervisor: Supervisor, health: HealthMonitor, session: Session,
        shutDown: @escaping () -> Void
    ) {
        self.host = host
        self.supervisor = supervisor
        self.health = health
        self.session = session
        self.shutDown = shutDown
    }

    func run(_ command: Command, reply: @escaping (Outcome) -> Void) {
        switch command {
        case .start(let spec): supervisor.start(spec, reply: reply)
        case .stop(let process): supervisor.stop(process, reply: reply)
        case .reset(let process): supervisor.reset(process, reply: reply)
        case .query(let process): reply(supervisor.query(process))
        case .listActive: reply(.pids(supervisor.livePIDs))
        case .getHealth: reply(.health(health.measure()))
        case .getProcesses: reply(.processes(supervisor.entries))
        case .getProcess(let process): reply(supervisor.describe(process))
        case .signal(let process, let signal): reply(supervisor.signal(process, signal))
        case .remove(let process): reply(supervisor.remove(process))
        case .getLog(let process, let query): reply(supervisor.log(process, query))
        case .followLog(let process, let stream, let seconds): reply(follow(process, stream, seconds))
        case .unfollowLog(let process, let stream): reply(supervisor.unfollow(process, stream))
        case .apply(let specs, let isDryRun):
            supervisor.apply(specs, scope: .all, isDryRun: isDryRun) { reply(.applied($0)) }
        case .shutdown:
            reply(.shuttingDown)
            shutDown()
        }
    }

    private func follow(_ process: ProcessReference, _ stream: LogStream?, _ seconds: Double) -> Outcome {
        let result = supervisor.follow(process, stream, seconds: seconds) { [session, host] id, stream, lines in
            // Who follows sees what is new; what comes while the broker is away is in the log.
            let topic = Topic.log(host, id, stream).description
            session.publish(Message(topic: topic, payload: lines, qos: 0), whenOffline: .drop)
        }
        switch result {
        case .success(let (id, streams)):
            return .following(streams.map { .log(host, id, $0) }, seconds: seconds)
        case .failure(let failure): return .failed(failure)
        }
    }
}
