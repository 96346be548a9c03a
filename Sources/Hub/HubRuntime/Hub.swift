import JSONCodec
import Model
package import Routing
import Wire

/// The hub: routes requests to hosts, answers `list_hosts`, and keeps `pm/hub/hosts` up to date.
///
/// The plugin's callbacks call it on the broker's thread. Each PUBLISH below `pm/` goes through ``received(_:)``, which
/// may change the message in place or reject it. A request is checked in this order: its size, the rate of its
/// connection, and, with an ACL file, its reply topics. The hub then adds the requester to it, and routes it if the
/// requester may publish on the host's control topic. After a restart of the broker, the agents' reconnects restore the
/// hub's state; which hosts there are, ``KnownHosts`` keeps.
package struct Hub {
    private let broker: any BrokerAPI
    private var registry = HostRegistry()
    private var latest: HostName?
    private var schedule: HostsSchedule
    private var known: KnownHosts
    private var lookedAt = 0.0
    private var hasTicks = false
    private var hasWarned = false
    private var hasToldObstacle = false
    private var access: AccessControl
    /// Nil means no limit.
    private var rates: RequestRates?
    private var refusals: RefusalLog
    /// Whether refused messages have made the broker allocate much memory, and when unused memory was last given back.
    private var hasExcess = false
    private var trimmedAt = 0.0

    /// - Parameters:
    ///   - accessList: the path of the broker's ACL file, if it has one.
    ///   - isOpen: whether requests are routed although another plugin decides on access.
    ///   - requestRate: maximum requests a second of each connection; nil means no limit.
    ///   - hosts: the path of the file of known hosts; nil: they are forgotten when the broker ends.
    package init(
        _ broker: any BrokerAPI, accessList: String?, isOpen: Bool = false, requestRate: Int?, hosts: String? = nil
    ) {
        self.broker = broker
        access = AccessControl(path: accessList, isOpen: isOpen, broker)
        known = KnownHosts(path: hosts, broker)
        known.read(into: &registry)
        schedule = HostsSchedule(knowsHosts: registry.count > 0, at: broker.steadyTime)
        rates = requestRate.map { RequestRates($0) }
        refusals = RefusalLog(broker)
    }

    package mutating func start() {
        broker.publish(OutgoingMessage(.hub(.status), retained: Array("online".utf8)))
        publishHostsIfDue()
        broker.log(.info, "hub: pmqtt \(Version.current), protocol \(Version.wireProtocol)")
        // In a broker that has its own `acl_file`, a missing plugin option would otherwise remain unnoticed.
        if !access.isWanted { broker.log(.info, "hub: no plugin_opt_acl_file: access to hosts is not restricted") }
        if access.isWanted, !broker.canReadProperties {
            let failing = "answers to them are NOT checked against the ACL"
            broker.log(.error, "hub: this broker hides Response Topics from plugins: \(failing)")
        }
    }

    /// - Returns: whether the broker may process the message.
    package mutating func received(_ message: any IncomingMessage) -> Bool {
        if let excess = message.excess {
            hasExcess = true
            refuse(message, because: excess)
            return false
        }
        if message.isReply {
            // Every client may publish to reply topics. Retained messages there would stay forever, so the retain flag
            // is dropped.
            if access.isWanted, message.isRetained, !message.clearsRetained { message.dropRetainFlag() }
        } else if message.isForRequests {
            do throws(Refused) {
                try spendRequest(message)
                try checkReplyTopics(message)
                try sign(message)
            } catch {
                return false
            }
            control(message)
            // Requests do not change presence. They trigger the periodic work only in a broker without ticks.
            if !hasTicks { workPeriodically() }
        } else if let topic = Topic(message.topic) {
            note(topic, message)
            publishPresences(atMost: Limits.presencesOfEvent)
            if hasTicks { publishHostsIfDue() } else { workPeriodically() }
        }
        return true
    }

    /// Whether a client may connect with this client id. The broker still checks its password.
    package mutating func admits(_ client: ConnectionKey, user: String?) -> Bool {
        guard let objection = access.objection(toClientIDOf: client, user: user) else { return true }
        refusals.note(client, user, "\(objection)", as: "not authorized", at: broker.steadyTime)
        return false
    }

    /// Handles a reload of the broker's configuration.
    package mutating func reloaded() { access.read() }

    package mutating func disconnected(_ connection: ConnectionKey) {
        access.forget(connection)
        rates?.forget(connection)
        note(registry.disconnected(connection))
        publishPresences(atMost: Limits.presencesOfEvent)
        publishHostsIfDue()
    }

    /// Handles the end of the broker.
    package mutating func end() { known.save(registry) }

    /// Handles the broker's tick, about ten times a second. It never comes under `per_listener_settings`.
    package mutating func ticked() {
        hasTicks = true
        workPeriodically()
    }

    private mutating func workPeriodically() {
        if broker.steadyTime - lookedAt >= Limits.staleRecheck {
            lookedAt = broker.steadyTime
            note(registry.look(atSteady: lookedAt))
        }
        publishPresences(atMost: Limits.presencesOfTick)
        publishHostsIfDue()
        known.saveIfDue(registry)
        trimIfDue()
    }

    /// Publishes the presence of hosts for which it has changed.
    private mutating func publishPresences(atMost limit: Int) {
        guard registry.hasChanged else { return }
        for (host, presence) in registry.takeChanged(atMost: limit) {
            broker.publish(OutgoingMessage(.hubHost(host), retained: presence?.payload ?? []))
        }
    }

    /// 7 MB of properties make the broker allocate 90 MB, which the C library would keep.
    private mutating func trimIfDue() {
        guard hasExcess, broker.steadyTime - trimmedAt >= Limits.hubTrimInterval else { return }
        (hasExcess, trimmedAt) = (false, broker.steadyTime)
        broker.trimMemory()
    }

    private mutating func publishHostsIfDue() {
        guard schedule.isPending, schedule.take(at: broker.steadyTime, hosts: registry.count) else { return }
        broker.publish(OutgoingMessage(.hub(.hosts), retained: registry.hosts.hostsPayload))
    }

    private mutating func control(_ message: any IncomingMessage) {
        if message.isHubControl {
            guard !message.clearsRetained else { return }
            message.dropRetainFlag()
            var request = HubRequest(message, latest: latest)
            switch request.decide(registry, at: broker.wallTime) {
            case .route(let host, _) where !access.allows(message.connection, to: host):
                if let obstacle = access.obstacle, !hasToldObstacle {
                    hasToldObstacle = true
                    broker.log(.error, "hub: \(obstacle)")
                }
                refuse(message, "\(request.header().verb) on \(host)")
                broker.publish(request.refusal(Self.notAuthorized))
            case .route(let host, let key):
                latest = host
                // The requester gets a response topic from the hub only if it used node_id: agents derive it from
                // host_name themselves.
                if key == .nodeID { message.addResponseTopic(Topic.hub(.response).description) }
                message.route(to: host)
            case .answer(let answer): broker.publish(answer)
            }
        } else if message.isRetained, !message.clearsRetained, Topic(message.topic)?.isControl == true {
            message.dropRetainFlag()
        }
    }

    /// Refuses a message without processing it; if it is a request, it is answered.
    private mutating func refuse(_ message: any IncomingMessage, because excess: Failure) {
        refuse(message, "\(excess.detail) on \(message.topic)", as: "malformed")
        guard message.isForRequests, !message.clearsRetained else { return }
        do throws(Refused) {
            try spendRequest(message)
            try checkReplyTopics(message)
        } catch {
            return
        }
        var request = HubRequest(message, latest: nil)
        guard message.isHubControl || request.header().replyTo != nil else { return }
        broker.publish(request.refusal(excess))
    }

    /// The message was refused. That has been logged, and answered where an answer is allowed.
    private struct Refused: Error {}

    /// Limits each client's request rate, so that refusals do not keep an agent from serving other clients.
    private mutating func spendRequest(_ message: any IncomingMessage) throws(Refused) {
        let broker = broker
        guard let failure = rates?.refusal(of: message.connection, at: broker.steadyTime) else { return }
        refuse(message, failure.detail, as: "no capacity")
        // An empty message is not a request, whatever its topic.
        if message.isHubControl, !message.clearsRetained {
            try checkReplyTopics(message)
            var request = HubRequest(message, latest: nil)
            broker.publish(request.refusal(failure))
        }
        throw Refused()
    }

    /// Prevents a client from making an agent, pm-cluster or the hub publish on a topic where the client itself may
    /// not.
    private mutating func checkReplyTopics(_ message: any IncomingMessage) throws(Refused) {
        guard access.isWanted, !message.clearsRetained else { return }
        for topic in message.replyTopics where !access.allows(message.connection, toBeAnsweredOn: topic) {
            var request = HubRequest(message, latest: nil)
            refuse(message, "\(request.header().verb) with answers to \(topic)")
            if message.isHubControl {
                broker.publish(request.refusal(Self.notAuthorized, isPrivate: false))
            }
            throw Refused()
        }
    }

    /// Adds the requester to the message. Without access control the user is not authenticated, so nothing is added.
    private mutating func sign(_ message: any IncomingMessage) throws(Refused) {
        guard access.isWanted else { return }
        let client = message.connection
        // The sender may have set such properties, too, but these are the last ones.
        guard message.addUserProperty(Requester.userProperty, broker.user(of: client) ?? ""),
            message.addUserProperty(Requester.clientProperty, broker.clientID(of: client))
        else {
            refuse(message, "can't add the requester to the message")
            throw Refused()
        }
        access.show(client)
    }

    private mutating func refuse(
        _ message: any IncomingMessage, _ what: @autoclosure () -> String, as kind: StaticString = "not authorized"
    ) {
        let broker = broker
        let client = message.connection
        refusals.note(client, broker.user(of: client), what(), as: kind, at: broker.steadyTime)
    }

    private static let notAuthorized = Failure(.notAuthorized, "not authorized")

    private mutating func note(_ topic: Topic, _ message: any IncomingMessage) {
        let change: PresenceChange
        switch topic {
        case .status(let host): change = status(host, message)
        case .health(let host): change = health(of: host, message)
        case .info(let host): change = info(of: host, message)
        case .response(let host), .audit(let host), .usage(let host), .event(let host), .process(let host, _),
            .log(let host, _, _), .logRecords(let host, _):
            change = registry.heard(host, through: message.connection, at: broker.wallTime)
        case .control, .watch, .hub, .hubHost, .clusterStatus, .clusterSerial, .clusterControl, .clusterResponse,
            .clusterHealth,
            .clusterState:
            return
        }
        note(change)
    }

    private mutating func note(_ change: PresenceChange) {
        if change == .hosts { latest = nil }
        if change == .refused, !hasWarned {
            hasWarned = true
            broker.log(.warning, "hub: \(Limits.hubHosts) hosts are online: further hosts are ignored")
        }
        schedule.note(change)
        known.note(change)
    }

    private mutating func health(of host: HostName, _ message: any IncomingMessage) -> PresenceChange {
        guard let mark = HealthMark(scanning: message.payload.span) else {
            return registry.heard(host, through: message.connection, at: broker.wallTime)
        }
        return registry.heard(
            mark, of: host, through: message.connection, at: broker.wallTime, steady: broker.steadyTime)
    }

    private mutating func info(of host: HostName, _ message: any IncomingMessage) -> PresenceChange {
        let json = try? JSON.parse(message.payload.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting)
        let labels = (try? json?.optional("labels").map { try Label.list($0) }) ?? nil
        return registry.labelled(host, labels ?? [], through: message.connection, at: broker.wallTime)
    }

    private mutating func status(_ host: HostName, _ message: any IncomingMessage) -> PresenceChange {
        if message.clearsRetained { return registry.clear(host) }
        if message.payload.elementsEqual("online".utf8) {
            return registry.online(host, through: message.connection, at: broker.wallTime)
        }
        if message.payload.elementsEqual("offline".utf8) { return registry.offline(host, at: broker.wallTime) }
        return registry.heard(host, through: message.connection, at: broker.wallTime)
    }
}
