package import Model

/// Every topic of pmqtt, parsed and printed in one place.
///
/// The constants and functions at the end are topic filters, and the topics in which requesters and pm-cluster receive
/// messages; ``init(_:)`` does not parse those.
package enum Topic: Hashable, Sendable {
    case control(HostName)
    /// For the requests that only read (``Command/isWatching``).
    case watch(HostName)
    case response(HostName)
    case health(HostName)
    case status(HostName)
    case info(HostName)
    case audit(HostName)
    /// What the host's processes use, while it is followed.
    case usage(HostName)
    /// What has happened on the host.
    case event(HostName)
    case process(HostName, Name)
    case log(HostName, Name, LogStream)
    /// Lines of both streams in order, one JSON object each.
    case logRecords(HostName, Name)
    case hub(HubTopic)
    /// The presence of one host, as the hub sees it.
    case hubHost(HostName)
    case clusterStatus
    case clusterSerial
    case clusterControl(InstanceKind)
    case clusterResponse(InstanceKind)
    case clusterHealth(InstanceKind)
    case clusterState(InstanceKind, HostName)

    package enum HubTopic: String, Sendable { case control, response, hosts, status }
}

extension Topic: CustomStringConvertible {
    package var description: String {
        switch self {
        case .control(let host): "pm/\(host)/control"
        case .watch(let host): "pm/\(host)/watch"
        case .response(let host): "pm/\(host)/response"
        case .health(let host): "pm/\(host)/health"
        case .status(let host): "pm/\(host)/status"
        case .info(let host): "pm/\(host)/info"
        case .audit(let host): "pm/\(host)/audit"
        case .usage(let host): "pm/\(host)/usage"
        case .event(let host): "pm/\(host)/event"
        case .process(let host, let id): "pm/\(host)/process/\(id)"
        case .log(let host, let id, let stream): "pm/\(host)/log/\(id)/\(stream.rawValue)"
        case .logRecords(let host, let id): "pm/\(host)/log/\(id)/records"
        case .hub(let topic): "pm/hub/\(topic.rawValue)"
        case .hubHost(let host): "pm/hub/host/\(host)"
        case .clusterStatus: "pm/cluster/status"
        case .clusterSerial: "pm/cluster/serial"
        case .clusterControl(let kind): "pm/cluster/\(kind.rawValue)/control"
        case .clusterResponse(let kind): "pm/cluster/\(kind.rawValue)/response"
        case .clusterHealth(let kind): "pm/cluster/\(kind.rawValue)/health"
        case .clusterState(let kind, let id): "pm/cluster/\(kind.rawValue)/\(id)/state"
        }
    }

    /// Nil for every topic that is not pmqtt's, including those with invalid names.
    package init?(_ text: String) {
        let levels = text.split(separator: "/", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
        guard levels.count >= 3, levels[0] == "pm" else { return nil }
        switch (levels[1], levels.count) {
        case ("hub", 3):
            guard let topic = HubTopic(rawValue: levels[2]) else { return nil }
            self = .hub(topic)
        case ("hub", _):
            guard levels.count == 4, levels[2] == "host", let host = HostName(levels[3]) else { return nil }
            self = .hubHost(host)
        case ("cluster", _):
            guard let topic = Self.cluster(levels) else { return nil }
            self = topic
        case (_, 3):
            guard let host = HostName(levels[1]) else { return nil }
            switch levels[2] {
            case "control": self = .control(host)
            case "watch": self = .watch(host)
            case "response": self = .response(host)
            case "health": self = .health(host)
            case "status": self = .status(host)
            case "info": self = .info(host)
            case "audit": self = .audit(host)
            case "usage": self = .usage(host)
            case "event": self = .event(host)
            default: return nil
            }
        case (_, 4):
            guard let host = HostName(levels[1]), levels[2] == "process", let id = Name(levels[3]) else { return nil }
            self = .process(host, id)
        case (_, 5):
            guard let host = HostName(levels[1]), levels[2] == "log", let id = Name(levels[3]) else { return nil }
            if let stream = LogStream(rawValue: levels[4]) {
                self = .log(host, id, stream)
            } else if levels[4] == "records" {
                self = .logRecords(host, id)
            } else {
                return nil
            }
        default: return nil
        }
    }

    private static func cluster(_ levels: [String]) -> Topic? {
        if levels.count == 3 {
            switch levels[2] {
            case "status": return .clusterStatus
            case "serial": return .clusterSerial
            default: return nil
            }
        }
        guard let kind = InstanceKind(rawValue: levels[2]) else { return nil }
        if levels.count == 5 {
            guard let id = HostName(levels[3]), levels[4] == "state" else { return nil }
            return .clusterState(kind, id)
        }
        switch levels[3] {
        case "control": return .clusterControl(kind)
        case "response": return .clusterResponse(kind)
        case "health": return .clusterHealth(kind)
        default: return nil
        }
    }
}

extension Topic {
    /// Requests are never retained: a broker would deliver them again at every reconnect.
    package var isControl: Bool {
        switch self {
        case .control, .watch, .hub(.control), .clusterControl: true
        default: false
        }
    }

    /// The topic on which a host or service publishes whether it is online; nil for an unknown one.
    package static func status(of part: ClientID.Part) -> String? {
        switch part {
        case .host(let host): Topic.status(host).description
        case .service(let name): "pm/\(name)/status"
        case .unknown: nil
        }
    }

    /// Topic filters for all hosts of the fleet, or for all processes of one host.
    package static let everyStatus = "pm/+/status"
    package static let everyHealth = "pm/+/health"
    package static let everyInfo = "pm/+/info"
    package static let everyProcess = "pm/+/process/+"
    package static let everyEvent = "pm/+/event"
    package static let everyUsage = "pm/+/usage"
    /// What the hub finds of each host, and whether there is a hub.
    package static let hubsJudgements = ["pm/hub/host/+", "\(Topic.hub(.status))"]
    package static func everyState(of kind: InstanceKind) -> String { "pm/cluster/\(kind.rawValue)/+/state" }
    package static func everything(of host: HostName) -> String { "pm/\(host)/#" }
    package static func everyProcess(of host: HostName) -> String { "pm/\(host)/process/+" }

    /// Where several pm-clusters agree which of them acts (docs/decisions/0012-one-cluster.md).
    package static let clusterClaim = "pm/reply/cluster/claim"

    /// A reply topic for one requester. With a user, it is below a topic of that user, so that an ACL can restrict the
    /// user to it.
    package static func reply(_ inbox: Name, of user: Name? = nil) -> String {
        "pm/reply/\(user.map { "\($0)/" } ?? "")\(inbox)"
    }
    package static func everyReply(to user: Name?) -> String { "pm/reply/\(user.map { "\($0)/" } ?? "")#" }
}
