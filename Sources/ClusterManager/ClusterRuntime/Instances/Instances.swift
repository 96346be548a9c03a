import Cluster
import LinuxSystem
import MQTTTransport
import Model
import ServiceSupport
import Wire

/// All nodes and VMs of the fleet: feeds events to their lifecycles and performs the resulting actions.
///
/// Apart from its settings it has no state of its own. Each part of the state has one owner, and this type connects them:
///
/// - ``InstanceStore``: the instances with a file
/// - ``HostedInstances``: what hosts run, and the instances without a file that are being inspected
/// - ``Orphans``: instances of a pm-cluster that have no file
/// - ``HostWatch`` and ``Absences``: which hosts are online, and for how long others were not
/// - ``StateMismatches``: whether the files may be old
/// - ``LaunchTurns``: the queue of starts
/// - ``ClusterRetained`` and ``RetainedTopicCleaner``: what the broker retains
///
/// ``ClusterService`` passes in the requests and all messages about hosts, which are only remembered while pm-cluster is
/// not active. `recover` runs when it becomes active for the first time, `goOn` each later time. Events come from hosts
/// (`Instances+Hosts.swift`), from answers (`Instances+Asking.swift`), from requests (`Instances+Requests.swift`) and
/// from deadlines; all go through `feed`.
final class Instances {
    let loop: EventLoop
    private(set) var configuration: ClusterConfiguration
    let directory: StateDirectory
    let requests: AgentRequests
    let leadership: Leadership
    /// Creates generations for this state directory.
    let generations: Generations
    let hosts = HostWatch()
    let absences: Absences
    let store: InstanceStore
    let hosted = HostedInstances()
    let orphans = Orphans()
    let mismatches: StateMismatches
    let turns: LaunchTurns
    let report: ClusterReport
    let retained: ClusterRetained
    let cleaner: RetainedTopicCleaner
    let packetLimit = PacketLimitNotice()
    let rights = MissingRights()

    init(
        _ configuration: ClusterConfiguration, directory: StateDirectory, requests: AgentRequests,
        leadership: Leadership, session: any Subscriber, loop: EventLoop
    ) {
        self.configuration = configuration
        self.directory = directory
        self.requests = requests
        self.leadership = leadership
        self.loop = loop
        generations = Generations(clusterID: directory.clusterID)
        absences = Absences(directory, hosts, patience: configuration.hostLostAfter, on: loop)
        store = InstanceStore(directory, leadership, on: loop)
        mismatches = StateMismatches(directory, store)
        turns = LaunchTurns(limit: configuration.launches)
        report = ClusterReport(
            store: store, hosts: hosts, orphans: orphans, mismatches: mismatches, directory: directory,
            packetLimit: packetLimit, rights: rights)
        retained = ClusterRetained(
            report, leadership: leadership, publisher: session, interval: configuration.healthInterval, loop: loop)
        cleaner = RetainedTopicCleaner(session: session, inbox: requests.inbox, loop: loop)
        absences.lost = { [weak self] in self?.lost($0) }
    }

    /// Takes over changed settings.
    func adopt(_ configuration: ClusterConfiguration) {
        self.configuration = configuration
        turns.change(limit: configuration.launches)
        absences.change(patience: configuration.hostLostAfter)
        admitNext()
        retained.change(interval: configuration.healthInterval)
    }

    /// Takes over the files of an earlier pm-cluster.
    func recover(resume: (InstanceKind, PendingRequest) -> Instance.Reply) {
        mismatches.compare(isFirst: true)
        absences.takeWords()
        store.recover { recover($0, resume) }
        expectWords()
        absences.endOthers()
        lookForLeftovers()
    }

    private func recover(_ record: InstanceRecord, _ resume: (InstanceKind, PendingRequest) -> Instance.Reply) {
        let (lifecycle, actions) = InstanceLifecycle.recover(
            want: record.want, isCommitted: record.isCommitted, hasHost: record.host != nil,
            hasProcess: record.kind == .vm, isMismatched: mismatches.concerns(record.kind) || record.isMismatched)
        let instance = Instance(record, lifecycle)
        store.add(instance)
        for request in instance.record.pending {
            instance.await(request, limited(request, of: instance, resume(record.kind, request)))
        }
        if !record.isCommitted, lifecycle.want == .down {
            let failure = Failure(.internal, "pm-cluster was restarted before it was up: it is removed")
            instance.note(failure)
            instance.answer(.create, .failed(failure))
        }
        let unknown = "pm-cluster was restarted: the process may have been started"
        instance.answer(.run, .failed(Failure(.internal, unknown)))
        refreshReadiness(of: instance)
        if let session = hosts[instance.id]?.load?.session { _ = instance.takeSession(session) }
        if let host = record.host { hosts.expect(host) }
        perform(actions, on: instance)
        guard let host = record.host, hosts.presence(of: host) != .online else { return }
        absences.begin(host)
        if hosts.presence(of: host) == .offline { feed(.hostOffline, to: instance) }
    }

    private func lookForLeftovers() {
        for hostedID in hosted.ids { look(at: hostedID) }
        for host in hosts.table.all { clearGhost(host.name) }
    }

    /// Called when pm-cluster is active again after an outage: requests that may be lost are repeated.
    func goOn() {
        mismatches.compare(isFirst: false)
        absences.forgetWords()
        for instance in store.all + hosted.underInspection {
            switch instance.record.host.map({ hosts.presence(of: $0) }) {
            case .online: feed(.hostOnline, to: instance)
            case .offline: feed(.hostOffline, to: instance)
            case .unknown, nil: break
            }
            if refreshReadiness(of: instance) {
                feed(instance.isReady ? .online : .offline, to: instance)
            } else if instance.lacksSession {
                // Without a session, a restart of the agent during the outage can't be noticed.
                feed(.online, to: instance)
            }
        }
        lookForLeftovers()
        admitNext()
    }
}
