import CMosquittoPlugin
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
    private var rates: RequestRates
    private var refusals = RefusalLog()
    /// Whether the broker has taken much memory for what was refused, and when it gave back what was unused.
    private var hasExcess = false
    private var trimmedAt = 0.0

    /// - Parameters:
    ///   - accessList: the path of the broker's ACL file, if it has one.
    ///   - requestRate: requests a second of each connection; nil is any number.
    init(accessList: String?, requestRate: Int?) {
        access = AccessControl(path: accessList)
        rates = RequestRates(requestRate)
    }

    mutating func start() {
        Publisher.publish(Topic.hub(.status).description, Array("online".utf8), qos: 1, isRetained: true)
        publishHostsIfDue()
        Log.write(.notice, "hub: pmqtt \(Version.current), protocol \(Version.wireProtocol)")
        // In a broker with an `acl_file` of its own a forgotten option would else show in nothing.
        if !access.isWanted { Log.write(.notice, "hub: no plugin_opt_acl_file: routes for everybody") }
        if access.isWanted, !IncomingMessage.canReadProperties {
            let failing = "answers to them are NOT checked against the ACL"
            Log.write(.error, "hub: this broker hides Response Topics from plugins: \(failing)")
        }
    }

    /// - Returns: whether the broker may go on with it.
    mutating func received(_ message: IncomingMessage) -> Bool {
        if let excess = message.excess {
            hasExcess = true
            refuse(message, because: excess)
            return false
        }
        if message.isReply {
            // An answer is for who waits for it; everybody may publish some here, and what is retained stays for ever.
            if access.isWanted, message.isRetained, !message.clearsRetained { message.dropRetainFlag() }
        } else if message.endsInControl {
            guard isInTurn(message), mayBeAnswered(message), isSigned(message) else { return false }
            control(message)
            // A request changes nothing about hosts; it reads the clock only where nobody else does.
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

    /// Whether a client may connect under this client id. The broker still checks its password.
    mutating func admits(_ client: OpaquePointer, user: String?) -> Bool {
        guard let objection = access.objection(toClientIDOf: client, user: user) else { return true }
        refusals.note(client, user, "\(objection)", as: "not authorized", at: Clock.steady)
        return false
    }

    /// The broker has read its configuration again.
    mutating func reloaded() { access.read() }

    mutating func disconnected(_ connection: ConnectionKey) {
        access.forget(connection)
        rates.forget(connection)
        note(registry.disconnected(connection))
        publishHostsIfDue()
    }

    /// The broker's tick: about ten times a second, but never under `per_listener_settings`.
    mutating func ticked() {
        hasTicks = true
        publishHostsIfDue()
        trimIfDue()
    }

    /// 7 MB of properties take the broker 90 MB, and the C library would keep them.
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
                // The agent knows from host_name that a request came through the hub, from node_id it can't.
                if key == .nodeID { message.addResponseTopic(Topic.hub(.response).description) }
                message.route(to: host, topicOwnership)
            case .answer(let answer): answer.publish(qos: message.qos)
            }
        } else if message.isRetained, !message.clearsRetained, Topic(message.topic)?.isControl == true {
            message.dropRetainFlag()
        }
    }

    /// A message that nothing else is done with; a request among them is answered.
    private mutating func refuse(_ message: IncomingMessage, because excess: Failure) {
        refuse(message, "\(excess.detail) on \(message.topic)", as: "malformed")
        guard message.endsInControl, !message.clearsRetained, isInTurn(message), mayBeAnswered(message) else { return }
        var request = HubRequest(message, latest: nil)
        guard message.isHubControl || request.header().replyTo != nil else { return }
        request.refusal(excess).publish(qos: message.qos)
    }

    /// Nobody has an agent so busy with refusing that it does not hear others.
    private mutating func isInTurn(_ message: IncomingMessage) -> Bool {
        guard let failure = rates.refusal(of: message.connection, at: Clock.steady) else { return true }
        refuse(message, failure.detail, as: "no capacity")
        // What is empty is no request, whatever topic it names.
        if message.isHubControl, !message.clearsRetained, mayBeAnswered(message) {
            var request = HubRequest(message, latest: nil)
            request.refusal(failure).publish(qos: message.qos)
        }
        return false
    }

    /// Nobody gets an agent, pm-cluster or the hub to publish where he could not.
    private mutating func mayBeAnswered(_ message: IncomingMessage) -> Bool {
        guard access.isWanted, !message.clearsRetained else { return true }
        for topic in message.replyTopics where !access.allows(message.client, toBeAnsweredOn: topic) {
            var request = HubRequest(message, latest: nil)
            refuse(message, "\(request.header().verb) with answers to \(topic)")
            if message.isHubControl {
                request.refusal(Self.notAuthorized, isPrivate: false).publish(qos: message.qos)
            }
            return false
        }
        return true
    }

    /// Where nobody is known, a signature would say nothing.
    private mutating func isSigned(_ message: IncomingMessage) -> Bool {
        guard access.isWanted else { return true }
        if message.sign() {
            access.show(message.client)
            return true
        }
        refuse(message, "no room on it for who has sent it")
        return false
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
