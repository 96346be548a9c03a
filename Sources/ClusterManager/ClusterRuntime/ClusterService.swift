import Cluster
import ServiceSupport
import var Glibc.ENOMEM
import var Glibc.SIGHUP
import var Glibc.SIGINT
import var Glibc.SIGTERM
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// The pm-cluster daemon: connects the broker session, ``Instances``, the two control topics and the retained topics,
/// all on one event loop.
///
/// After each connect, it subscribes, then publishes a mark to its own inbox. The mark comes back after all retained
/// messages, and only then does ``Leadership`` decide whether this pm-cluster is active. Only while it is active are
/// requests executed and retained topics published.
final class ClusterService {
    private let loop: EventLoop
    private var configuration: ClusterConfiguration
    private let reload: () throws(ConfigurationError) -> ClusterConfiguration
    private let directory: StateDirectory
    private let session: Session
    private let leadership: Leadership
    private let requests: AgentRequests
    private let instances: Instances
    private let retainedRequests: RetainedRequests
    private let endpoints: [InstanceKind: ControlEndpoint<ClusterControl>]
    private var signals: SignalSource?
    /// Why this pm-cluster ends without a signal.
    private var refusal: String?
    private static let readyMark = "ready "
    private var readyNumber = 0

    /// - Parameter reload: reads the configuration again from the same sources.
    init(
        _ configuration: ClusterConfiguration,
        reload: @escaping () throws(ConfigurationError) -> ClusterConfiguration
    ) throws(SystemError) {
        self.configuration = configuration
        self.reload = reload
        OpenFiles.raise()
        loop = try EventLoop()
        directory = try StateDirectory(configuration.stateDirectory, loop: loop)
        let will = ClusterRetained.status(isOnline: false)
        guard
            let session = Session(
                configuration.broker, clientID: ClientID.cluster(), will: will, packetLimit: Limits.answerPacket,
                on: loop)
        else {
            throw SystemError("make an MQTT client", errno: ENOMEM)
        }
        session.keepAliveInterval = configuration.keepAlive
        self.session = session
        leadership = Leadership(session, on: loop)
        requests = AgentRequests(session)
        let instances = Instances(
            configuration, directory: directory, requests: requests, leadership: leadership,
            session: session, loop: loop)
        self.instances = instances
        retainedRequests = RetainedRequests(session)
        session.queueLimit = configuration.quotas.queue
        let audit = AuditLog(stateDirectory: configuration.stateDirectory, on: loop)
        var log = BoundedLog()
        audit.refused = { request, failure, requester in
            log.note("\(AgentEvent.refused(request, failure, requester: requester).message)", .warning)
        }
        endpoints = Dictionary(
            uniqueKeysWithValues: InstanceKind.allCases.map { kind in
                let endpoint = ControlEndpoint(
                    ClusterControl(kind: kind, instances: instances), topic: .clusterResponse(kind), publisher: session,
                    quotas: configuration.quotas, audit: audit)
                return (kind, endpoint)
            })
        leadership.began = { [unowned self] in act(isFirst: $0) }
        leadership.yielded = { [unowned self] other in
            refusal = "another pm-cluster (\(other)) is active on this broker: this one exits"
            leave(sayingOffline: false)
        }
        signals = try SignalSource([SIGTERM, SIGINT, SIGHUP], on: loop) { [unowned self] signal in
            if signal == SIGHUP { readConfiguration() } else { leave(sayingOffline: true) }
        }
        lookForSilence()
    }

    /// Runs until SIGTERM or SIGINT, or until another pm-cluster is found to be active.
    ///
    /// - Returns: why it ended, or nil after a signal.
    func run() throws(SystemError) -> String? {
        if let warning = configuration.broker.exposure { Log.note(warning, .warning) }
        session.startLogging(
            configuration.broker, instances.packetLimit, instances.rights, connected: { [unowned self] in connected() },
            message: { [unowned self] in received($0) }, disconnected: { [unowned self] in disconnected() })
        try loop.run()
        directory.close()
        return refusal
    }

    private func readConfiguration() {
        do {
            let new = try reload()
            for name in configuration.fixedFields(differingFrom: new) {
                Log.note("\(name) has changed: this takes a restart", .warning)
            }
            configuration.adopt(new)
            instances.adopt(configuration)
            for endpoint in endpoints.values { endpoint.quotas = configuration.quotas }
            session.queueLimit = configuration.quotas.queue
            Log.level = configuration.logLevel
            Log.note("read the configuration again")
            session.renew()
        } catch {
            Log.note("kept the configuration as it was: \(error)", .error)
        }
    }

    private func lookForSilence() {
        loop.after(.seconds(Limits.silenceRecheck)) { [unowned self] in
            if session.isConnected { instances.lookForSilence() }
            lookForSilence()
        }
    }

    private func act(isFirst: Bool) {
        if isFirst {
            instances.recover { [endpoints] in endpoints[$0]?.resume($1.message) ?? { _ in } }
        } else {
            instances.goOn()
        }
        clearLeftStates()
        instances.retained.publishAll()
        for request in leadership.takeHeld() { endpoints[request.kind]?.handle(request.message) }
    }

    // MARK: The broker

    private func connected() {
        leadership.connected()
        retainedRequests.connected()
        instances.connectionLost()
        session.subscribe(requests.inbox)
        session.subscribe(Topic.clusterClaim)
        session.subscribe(Topic.clusterStatus.description)
        session.subscribe(Topic.clusterSerial.description)
        for kind in InstanceKind.allCases { session.subscribe(Topic.everyState(of: kind)) }
        session.subscribe(Topic.everyStatus)
        // QoS 0 for what is published periodically: brokers limit the number of unacknowledged messages.
        for filter in [Topic.everyInfo, Topic.everyHealth, Topic.everyProcess] { session.subscribe(filter, qos: 0) }
        // Before the claim is decided: clients may send requests as soon as they read a retained `online`.
        for kind in InstanceKind.allCases {
            session.subscribe(Topic.clusterControl(kind).description, noLocal: true)
        }
        readyNumber += 1
        let mark = Array("\(Self.readyMark)\(readyNumber)".utf8)
        session.publish(Message(topic: requests.inbox, payload: mark, qos: 0), whenOffline: .drop)
    }

    private func disconnected() {
        instances.cleaner.connectionLost()
        leadership.disconnected()
    }

    private func received(_ message: Message) {
        if message.topic == requests.inbox {
            if instances.cleaner.takesMark(message) { return }
            if message.payload.elementsEqual("\(Self.readyMark)\(readyNumber)".utf8) {
                return leadership.ready()
            }
            return requests.received(message)
        }
        if message.topic == Topic.clusterClaim {
            if let json = json(message) { leadership.heardClaim(json) }
            return
        }
        switch Topic(message.topic) {
        case .clusterControl(let kind): heardRequest(kind, message)
        case .clusterStatus: heardStatus(message)
        case .clusterSerial: heardSerial(message)
        case .clusterState(let kind, let id): heardState(kind, id, message)
        case .status(let host): heardHost(host, message)
        case .info(let host):
            instances.cleaner.received(message, of: host)
            instances.facts(of: host, json(message).map { HostFacts($0) })
        case .health(let host):
            instances.cleaner.received(message, of: host)
            guard let json = json(message) else { return }
            instances.load(
                of: host, HostLoad(json), at: json["timestamp"]?.number, isRetained: message.isRetained)
        case .process(let host, let id):
            instances.cleaner.received(message, of: host)
            instances.process(id, on: host, json(message))
        case .response(let host): instances.cleaner.received(message, of: host)
        default: break
        }
    }

    private func heardRequest(_ kind: InstanceKind, _ message: Message) {
        guard retainedRequests.isRequest(message) else { return }
        switch leadership.treatment(of: message, kind) {
        case .execute: endpoints[kind]?.handle(message)
        case .refuse:
            endpoints[kind]?.refuse(message, Failure(.noCapacity, "too many requests wait: pm-cluster is not active"))
        case .wait, .ignore: break
        }
    }

    private func heardStatus(_ message: Message) {
        let isOnline = message.payload.elementsEqual("online".utf8)
        guard leadership.isActing else { return leadership.heardStatus(isOnline: isOnline) }
        // A delayed will of an earlier connection, or the will of a pm-cluster that yielded.
        if !isOnline { instances.retained.publishStatus(isOnline: true) }
    }

    private func heardSerial(_ message: Message) {
        if message.isRetained {
            instances.mismatches.heardRetained(json(message).flatMap { StateMark($0) })
        }
        if leadership.isActing { instances.retained.heardSerial(message.payload) }
    }

    private func heardHost(_ host: HostName, _ message: Message) {
        let isOnline = message.payload.elementsEqual("online".utf8)
        // It is alive: a new instance may use the name of a removed one.
        if isOnline, !message.isRetained { instances.cleaner.spare(host) }
        instances.cleaner.received(message, of: host)
        instances.status(of: host, isOnline: message.payload.isEmpty ? nil : isOnline)
    }

    private func heardState(_ kind: InstanceKind, _ id: HostName, _ message: Message) {
        guard leadership.isActing || message.isRetained else { return }
        if message.payload.isEmpty, let instance = instances.store[id], instance.lifecycle.phase == .clearing {
            instances.feed(.cleared, to: instance)
        } else if !message.isRetained {
            instances.retained.heardState(kind, id, message.payload)
        } else if !message.payload.isEmpty {
            leftStates.append((kind, id, json(message)))
            clearLeftStates()
        }
    }

    /// Retained states of an earlier pm-cluster, received before this one became active. Some may have no file now.
    private var leftStates: [(kind: InstanceKind, id: HostName, state: JSON?)] = []

    private func clearLeftStates() {
        guard leadership.isActing else { return }
        for state in leftStates where instances.store[state.id]?.kind != state.kind {
            if !instances.keepsLeftState(state.kind, state.id, state.state) {
                instances.retained.clearState(state.kind, state.id)
            }
        }
        leftStates = []
    }

    private func json(_ message: Message) -> JSON? {
        guard !message.payload.isEmpty else { return nil }
        return try? JSON.parse(message.payload.span, sizeLimit: 4 * Limits.payload, nestingLimit: 60)
    }

    /// Closes the session and stops the loop.
    ///
    /// - Parameter sayingOffline: whether to publish `offline`; false while another pm-cluster is online.
    private func leave(sayingOffline: Bool) {
        instances.store.mend()
        if sayingOffline, leadership.isActing { instances.retained.publishStatus(isOnline: false) }
        leadership.leave()
        session.close { [loop] in loop.stop() }
        loop.after(.seconds(Limits.farewell)) { [loop] in loop.stop() }
    }
}
