import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Dispatches each command to the component that executes it.
final class CommandRunner {
    let host: HostName
    private let supervisor: Supervisor
    private let health: HealthMonitor
    private let publisher: any Publisher
    private let stateStore: AgentStateStore
    private let shutDown: () -> Void

    /// - Parameter shutDown: begins to end the agent; answers that are already queued are still sent.
    init(
        host: HostName, supervisor: Supervisor, health: HealthMonitor, publisher: any Publisher,
        stateStore: AgentStateStore, shutDown: @escaping () -> Void
    ) {
        self.host = host
        self.supervisor = supervisor
        self.health = health
        self.publisher = publisher
        self.stateStore = stateStore
        self.shutDown = shutDown
    }

    func begins(_ digest: PayloadDigest) { stateStore.note(begun: digest) }

    func execute(_ command: Command, from message: Message, reply: @escaping (Outcome) -> Void) {
        switch command {
        case .start(let spec): supervisor.start(spec, reply: reply)
        case .stop(let process): supervisor.stop(process, reply: reply)
        case .reset(let process): supervisor.reset(process, reply: reply)
        case .query(let process): reply(supervisor.query(process))
        case .listActive: reply(.pids(supervisor.livePIDs))
        case .getHealth: reply(.health(health.measure()))
        case .getProcesses(let owner): reply(.processes(entries(of: owner)))
        case .getProcess(let process): reply(supervisor.describe(process))
        case .signal(let process, let signal): reply(supervisor.signal(process, signal))
        case .remove(let process): reply(supervisor.remove(process))
        case .getLog(let process, let query): reply(supervisor.log(process, query))
        case .followLog(let process, let following): reply(follow(process, following))
        case .unfollowLog(let process, let stream): reply(supervisor.unfollow(process, stream))
        case .apply(let specs, let options):
            let scope = ApplyScope(part: options.owner.map { .owner($0) } ?? .unowned, prunes: options.prunes)
            supervisor.apply(specs, scope: scope, isDryRun: options.isDryRun) { reply(.applied($0)) }
        case .shutdown:
            reply(.shuttingDown)
            shutDown()
        }
    }

    private func entries(of owner: Owner?) -> [ProcessEntry] {
        owner == nil ? supervisor.entries : supervisor.entries.filter { $0.owner == owner }
    }

    private func follow(_ process: ProcessReference, _ following: LogFollowing) -> Outcome {
        func topic(_ id: Name, _ stream: LogStream?) -> Topic {
            stream.map { .log(host, id, $0) } ?? .logRecords(host, id)
        }
        let result = supervisor.follow(process, following) { [publisher] id, stream, lines in
            // Lines are dropped while the broker is unreachable: followers can read them from the log later.
            publisher.publish(
                Message(topic: topic(id, stream).description, payload: lines, qos: 0), whenOffline: .drop)
        }
        switch result {
        case .success(let (id, history)):
            let topics = following.asRecords ? [topic(id, nil)] : following.streams.map { topic(id, $0) }
            return .following(topics, seconds: following.seconds, history)
        case .failure(let failure): return .failed(failure)
        }
    }
}
