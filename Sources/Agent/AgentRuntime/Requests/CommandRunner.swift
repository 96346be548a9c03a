import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Dispatches each command to the component that executes it.
final class CommandRunner {
    let host: HostName
    private let supervisor: Supervisor
    private let health: HealthMonitor
    private let usage: UsageReader
    private let usagePublisher: UsagePublisher
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
        usage = UsageReader(supervisor)
        usagePublisher = UsagePublisher(host: host, reader: usage, publisher: publisher, loop: supervisor.loop)
    }

    func begins(_ digest: PayloadDigest) { stateStore.note(begun: digest) }

    func execute(_ command: Command, from message: Message, reply: @escaping (Outcome) -> Void) {
        switch command {
        case .start(let spec): supervisor.start(spec, reply: reply)
        case .startAgain(let process): supervisor.startAgain(process, reply: reply)
        case .stop(let process): supervisor.stop(process, reply: reply)
        case .reset(let process): supervisor.reset(process, reply: reply)
        case .query(let process): reply(supervisor.query(process))
        case .listActive: reply(.pids(supervisor.livePIDs))
        case .getHealth: reply(.health(health.measure()))
        case .getProcesses(let owner, let hasUsage):
            guard hasUsage else { return reply(.processes(entries(of: owner))) }
            usage.read { [self] in reply(.processes(entries(of: owner, $0))) }
        case .getProcess(let process, let hasUsage):
            guard hasUsage else { return reply(supervisor.describe(process)) }
            usage.read { [self] in reply(described(process, $0)) }
        case .signal(let process, let signal): reply(supervisor.signal(process, signal))
        case .remove(let process): reply(supervisor.remove(process))
        case .getLog(let process, let query): reply(supervisor.log(process, query))
        case .followLog(let process, let following): reply(follow(process, following))
        case .unfollowLog(let process, let stream): reply(supervisor.unfollow(process, stream))
        case .followUsage(let following): reply(usagePublisher.follow(following))
        case .unfollowUsage(let follower): reply(usagePublisher.unfollow(follower))
        case .apply(let specs, let options):
            let scope = ApplyScope(part: options.owner.map { .owner($0) } ?? .unowned, prunes: options.prunes)
            supervisor.apply(specs, scope: scope, isDryRun: options.isDryRun) { reply(.applied($0)) }
        case .shutdown:
            reply(.shuttingDown)
            shutDown()
        }
    }

    private func entries(of owner: Owner?, _ usage: UsageReader.Result = [:]) -> [ProcessEntry] {
        supervisor.entries.lazy.filter { owner == nil || $0.owner == owner }.map {
            var entry = $0
            entry.usage = usage[entry.id]
            return entry
        }
    }

    private func described(_ process: ProcessReference, _ usage: UsageReader.Result) -> Outcome {
        let outcome = supervisor.describe(process)
        guard case .process(var entry, let spec) = outcome else { return outcome }
        entry.usage = usage[entry.id]
        return .process(entry, spec)
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
