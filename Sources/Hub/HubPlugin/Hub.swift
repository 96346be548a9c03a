import CMosquittoPlugin
import Model
import Routing
import Wire

/// The hub: routes requests to hosts, answers `list_hosts`, and keeps `pm/hub/hosts` up to date.
///
/// The callbacks of ``HubInstance`` call it on the broker's thread. Each MESSAGE event goes through ``received(_:)``,
/// which may change the message in place or reject it. A request is checked in this order: its size, the rate of its
/// connection, and, with an ACL file, its reply topics. The hub then adds the requester to it, and routes it if the
/// requester may publish on the host's control topic. All state is in memory: after a restart of the broker, the
/// agents' reconnects restore it.
struct Hub {
    private var registry = HostRegistry()
    private var latest: HostName?
    private var schedule = HostsSchedule()
    private var hasTicks = false
    private var hasWarned = false
    private let topicOwnership = TopicOwnership.detect()
    private var access: AccessControl
    private var rates: RequestRates
    private var refusals = RefusalLog()
    /// Whether refused messages have made the broker allocate much memory, and when unused memory was last given back.
    private var hasExcess = false
    private var trimmedAt = 0.0

    /// - Parameters:
    ///   - accessList: the path of the broker's ACL file, if it has one.
    ///   - requestRate: maximum requests a second of each connection; nil means no limit.
    init(accessList: String?, requestRate: Int?) {
        access = AccessControl(path: accessList)
        rates = RequestRates(requestRate)
    }

    mutating func start() {
        Publisher.publish(Topic.hub(.status).description, Array("online".utf8), qos: 1, isRetained: true)
        publishHostsIfDue()
        Log.write(.notice, "hub: pmqtt \(Version.current), protocol \(Version.wireProtocol)")
        // In a broker that has its own `acl_file`, a missing plugin option would otherwise remain unnoticed.
        if !access.isWanted { Log.write(.notice, "hub: no plugin_opt_acl_file: access to hosts is not restricted") }
        if access.isWanted, !IncomingMessage.canReadProperties {
            let failing = "answers to them are NOT checked against the ACL"
            Log.write(.error, "hub: this broker hides Response Topics from plugins: \(failing)")
        }
    }

    /// - Returns: whether the broker may process the message.
    mutating func received(_ message: IncomingMessage) -> Bool {
        if let excess = message.excess {
            hasExcess = true
            refuse(message, because: excess)
            return false
        }
        if message.isReply {
            // Every client may publish to reply topics. Retained messages there would stay forever, so the retain flag
            // is dropped.
            if access.isWanted, message.isRetained, !message.clearsRetained { message.dropRetainFlag() }
        } else if message.endsInControl {
            do throws(Refused) {
                try spendRequest(message)
                try checkReplyTopics(message)
                try sign(message)
            } catch {
                return false
            }
            control(message)
            // Requests do not change presence. They trigger the periodic work only in a broker without ticks.
            if !hasTicks {
                publishHostsIfDue()
                trimIfDue()
            }
        } else if let topic = Topic(message.topic) {
            note(topic, message)
            publishHostsIfDue()
        }
        return true
    }

    /// Whether a client may connect with this client id. The broker still checks its password.
    mutating func admits(_ client: OpaquePointer, user: String?) -> Bool {
        guard let objection = access.objection(toClientIDOf: client, user: user) else { return true }
        refusals.note(client, user, "\(objection)", as: "not authorized", at: Clock.steady)
        return false
    }

    /// Handles a reload of the broker's configuration.
    mutating func reloaded() { access.read() }

    mutating func disconnected(_ connection: ConnectionKey) {
        access.forget(connection)
        rates.forget(connection)
        note(registry.disconnected(connection))
        publishHostsIfDue()
    }

    /// Handles the broker's tick, about ten times a second. It never comes under `per_listener_settings`.
    mutating func ticked() {
        hasTicks = true
        publishHostsIfDue()
        trimIfDue()
    }

    /// 7 MB of properties make the broker allocate 90 MB, which the C library would keep.
    private mutating func trimIfDue() {
        guard hasExcess, Clock.steady - trimmedAt >= Limits.hubTrimInterval else { return }
        (hasExcess, trimmedAt) = (false, Clock.steady)
        malloc_trim(0)
    }

    private mutating func publishHostsIfDue() {
        guard schedule.isPending, schedule.take(at: Clock.steady) else { return }
        Publisher.publish(Topic.hub(.hosts).description, registry.hosts.hostsPayload, qos: 1, isRetained: true)
    }

    private mutating func control(_ message: IncomingMessage) {
        if message.isHubControl {
            guard !message.clearsRetained else { return }
            message.dropRetainFlag()
            var request = HubRequest(message, latest: latest)
            switch request.decide(registry) {
            case .route(let host, _) where !access.allows(message.client, to: host):
                refuse(message, "\(request.header().verb) on \(host)")
                request.refusal(Self.notAuthorized).publish(qos: message.qos)
            case .route(let host, let key):
                latest = host
                // The requester gets a response topic from the hub only if it used node_id: agents derive it from
                // host_name themselves.
                if key == .nodeID { message.addResponseTopic(Topic.hub(.response).description) }
                message.route(to: host, topicOwnership)
            case .answer(let answer): answer.publish(qos: message.qos)
            }
        } else if message.isRetained, !message.clearsRetained, Topic(message.topic)?.isControl == true {
            message.dropRetainFlag()
        }
    }

    /// Refuses a message without processing it; if it is a request, it is answered.
    private mutating func refuse(_ message: IncomingMessage, because excess: Failure) {
        refuse(message, "\(excess.detail) on \(message.topic)", as: "malformed")
        guard message.endsInControl, !message.clearsRetained else { return }
        do throws(Refused) {
            try spendRequest(message)
            try checkReplyTopics(message)
        } catch {
            return
        }
        var request = HubRequest(message, latest: nil)
        guard message.isHubControl || request.header().replyTo != nil else { return }
        request.refusal(excess).publish(qos: message.qos)
    }

    /// The message was refused. That has been logged, and answered where an answer is allowed.
    private struct Refused: Error {}

    /// Limits each client's request rate, so that refusals do not keep an agent from serving other clients.
    private mutating func spendRequest(_ message: IncomingMessage) throws(Refused) {
        guard let failure = rates.refusal(of: message.connection, at: Clock.steady) else { return }
        refuse(message, failure.detail, as: "no capacity")
        // An empty message is not a request, whatever its topic.
        if message.isHubControl, !message.clearsRetained {
            try checkReplyTopics(message)
            var request = HubRequest(message, latest: nil)
            request.refusal(failure).publish(qos: message.qos)
        }
        throw Refused()
    }

    /// Prevents a client from making an agent, pm-cluster or the hub publish on a topic where the client itself may
    /// not.
    private mutating func checkReplyTopics(_ message: IncomingMessage) throws(Refused) {
        guard access.isWanted, !message.clearsRetained else { return }
        for topic in message.replyTopics where !access.allows(message.client, toBeAnsweredOn: topic) {
            var request = HubRequest(message, latest: nil)
            refuse(message, "\(request.header().verb) with answers to \(topic)")
            if message.isHubControl {
                request.refusal(Self.notAuthorized, isPrivate: false).publish(qos: message.qos)
            }
            throw Refused()
        }
    }

    /// Adds the requester to the message. Without access control the user is not authenticated, so nothing is added.
    private mutating func sign(_ message: IncomingMessage) throws(Refused) {
        guard access.isWanted else { return }
        guard message.sign() else {
            refuse(message, "can't add the requester to the message")
            throw Refused()
        }
        access.show(message.client)
    }

    private mutating func refuse(
        _ message: IncomingMessage, _ what: @autoclosure () -> String, as kind: StaticString = "not authorized"
    ) {
        refusals.note(message.client, AccessControl.user(of: message.client), what(), as: kind, at: Clock.steady)
    }

    private static let notAuthorized = Failure(.notAuthorized, "not authorized")

    private mutating func note(_ topic: Topic, _ message: IncomingMessage) {
        let change: PresenceChange
        switch topic {
        case .status(let host): change = status(host, message)
        case .response(let host), .health(let host), .info(let host), .audit(let host), .process(let host, _),
            .log(let host, _, _), .logRecords(let host, _):
            change = registry.heard(host, through: message.connection, at: Clock.wall)
        case .control, .hub, .clusterStatus, .clusterSerial, .clusterControl, .clusterResponse, .clusterHealth,
            .clusterState:
            return
        }
        note(change)
    }

    private mutating func note(_ change: PresenceChange) {
        if change == .hosts { latest = nil }
        if change == .refused, !hasWarned {
            hasWarned = true
            Log.write(.warning, "hub: \(Limits.hubHosts) hosts are online: further hosts are ignored")
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
