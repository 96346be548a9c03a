import Model
import Routing
import Wire

/// The hub: it sorts the messages that the broker takes, and keeps `pm/hub/hosts` up to date.
struct Hub {
    private var registry = HostRegistry()
    private var latest: HostName?
    private var schedule = HostsSchedule()
    private var hasTicks = false
    private var hasWarned = false
    private let topicOwnership = TopicOwnership.detect()
    private var access: AccessControl
    private var refusals = RefusalLog()

    /// - Parameter accessList: the path of the broker's ACL file, if it has one.
    init(accessList: String?) { access = AccessControl(path: accessList) }

    mutating func start() {
        Publisher.publish(Topic.hub(.status).description, Array("online".utf8), qos: 1, isRetained: true)
        publishHostsIfDue()
        Log.write(.notice, "hub: pmqtt \(Version.current), protocol \(Version.wireProtocol)")
    }

    mutating func received(_ message: IncomingMessage) {
        if message.endsInControl {
            control(message)
            // A request changes nothing about hosts; it reads the clock only where nobody else does.
            if !hasTicks { publishHostsIfDue() }
        } else if let topic = Topic(message.topic) {
            note(topic, message)
            publishHostsIfDue()
        }
    }

    /// The broker has read its configuration again.
    mutating func reloaded() { access.read() }

    mutating func disconnected(_ connection: ConnectionKey) {
        access.forget(connection)
        note(registry.disconnected(connection))
        publishHostsIfDue()
    }

    /// The broker's tick: about ten times a second, but never under `per_listener_settings`.
    mutating func ticked() {
        hasTicks = true
        publishHostsIfDue()
    }

    private mutating func publishHostsIfDue() {
        guard schedule.isPending, schedule.take(at: Clock.steady) else { return }
        Publisher.publish(Topic.hub(.hosts).description, registry.hosts.hostsPayload, qos: 1, isRetained: true)
    }

    private mutating func control(_ message: IncomingMessage) {
        if message.isHubControl {
            guard !message.clearsRetained else { return }
            message.dropRetainFlag()
            let request = HubRequest(message, latest: latest)
            switch request.decide(registry) {
            case .route(let host, _) where !access.allows(message.client, to: host):
                let failure = Failure(.notAuthorized, "not authorized")
                refusals.note(message.client, request.verb, host, at: Clock.steady)
                request.refusal(failure).publish(qos: message.qos)
            case .route(let host, let key):
                latest = host
                // The agent knows from host_name that a request came through the hub, from node_id it can't.
                if key == .nodeID { message.addResponseTopic(Topic.hub(.response).description) }
                message.route(to: host, topicOwnership)
            case .answer(let answer): answer.publish(qos: message.qos)
            }
        } else if message.isRetained, !message.clearsRetained, Topic(message.topic)?.isControl == true {
            message.dropRetainFlag()
        }
    }

    private mutating func note(_ topic: Topic, _ message: IncomingMessage) {
        let change: PresenceChange
        switch topic {
        case .status(let host): change = status(host, message)
        case .response(let host), .health(let host), .info(let host), .process(let host, _), .log(let host, _, _):
            change = registry.heard(host, through: message.connection, at: Clock.wall)
        case .control, .hub, .clusterStatus, .clusterControl, .clusterResponse, .clusterHealth, .clusterState: return
        }
        note(change)
    }

    private mutating func note(_ change: PresenceChange) {
        if change == .hosts { latest = nil }
        if change == .refused, !hasWarned {
            hasWarned = true
            Log.write(.warning, "hub: \(Limits.hubHosts) hosts are online, no more are taken")
        }
        schedule.note(change)
    }

    private mutating func status(_ host: HostName, _ message: IncomingMessage) -> PresenceChange {
        if message.clearsRetained { return registry.clear(host) }
        if message.payload.elementsEqual("online".utf8) {
            return registry.online(host, through: message.connection, at: Clock.wall)
        }
        if message.payload.elementsEqual("offline".utf8) { return registry.offline(host, at: Clock.wall) }
        return registry.heard(host, through: message.connection, at: Clock.wall)
    }
}
