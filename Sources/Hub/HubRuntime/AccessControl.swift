import Model
import Routing
import Wire

/// Decides which client may send requests to which host, and where it may have answers sent: exactly where the broker's
/// `acl_file` lets it publish. It also decides which client may use a reserved client id.
///
/// The file is named by the plugin option `plugin_opt_acl_file` and should be the broker's own `acl_file`. Without the
/// option, everything is allowed, as in a broker without ACLs. ``Hub`` asks before it routes or answers a request.
/// Decisions are cached per connection until the file is read again.
///
/// Where a plugin of the broker decides on access (``BrokerAPI/hasOtherAccessControl``), the hub can't ask it. Without a
/// file of its own, the hub then refuses all requests, unless it is told to be open.
struct AccessControl {
    private let broker: any BrokerAPI
    private let path: String?
    /// Nil when no file is configured, or when it can't be used; in the latter case nothing is allowed.
    private var list: AccessList?
    /// Cached decisions for open connections.
    private var decisions: [ConnectionKey: Decisions] = [:]

    private var shown = ShownClientIDs()
    private let isOpen: Bool

    private struct Decisions {
        var hosts: [HostName: Bool] = [:]
        /// The last reply topic that was allowed: most clients use the same one for all requests.
        var replyTopic: ReplyTopic?
    }

    /// Whether access is controlled: a file is configured.
    var isWanted: Bool { path != nil }

    /// - Parameter isOpen: whether requests of every client are routed where only another plugin could judge them.
    init(path: String?, isOpen: Bool, _ broker: any BrokerAPI) {
        self.broker = broker
        self.path = path
        self.isOpen = isOpen
        read()
    }

    /// Reads the file again, as the broker does at SIGHUP.
    mutating func read() {
        decisions = [:]
        list = nil
        guard let path else { return }
        guard let bytes = FileText.bytes(of: path, limit: Limits.accessList) else {
            return broker.log(.error, "hub: \(path) can't be read: requests refused")
        }
        do throws(Failure) { list = try AccessList(String(decoding: bytes, as: UTF8.self)) } catch {
            broker.log(.error, "hub: \(path): \(error.detail): requests refused")
        }
    }

    /// Whether clients may send requests that nothing can judge.
    private var isUnjudged: Bool { isOpen || !broker.hasOtherAccessControl }

    /// Why requests are refused although no file is configured; nil if they are not.
    var obstacle: String? {
        guard !isWanted, !isUnjudged else { return nil }
        return
            "dynamic-security decides what clients may publish, and a plugin can't ask it: requests through the hub are "
            + "refused (set plugin_opt_acl_file, or plugin_opt_open true to route those of every client)"
    }

    /// Whether a client may send requests to a host.
    mutating func allows(_ client: ConnectionKey, to host: HostName) -> Bool {
        guard isWanted else { return isUnjudged }
        if let decision = decisions[client]?.hosts[host] { return decision }
        let isAllowed = allows(client, toPublishOn: Topic.control(host).description)
        if decisions[client, default: Decisions()].hosts.count < Limits.hubDecisions {
            decisions[client, default: Decisions()].hosts[host] = isAllowed
        }
        return isAllowed
    }

    /// Whether a client may have an answer sent to a topic. Otherwise it could make the hub or a host publish where the
    /// client itself may not.
    mutating func allows(_ client: ConnectionKey, toBeAnsweredOn topic: ReplyTopic) -> Bool {
        guard isWanted else { return true }
        if decisions[client]?.replyTopic?.description.utf8.elementsEqual(topic.description.utf8) == true { return true }
        guard allows(client, toPublishOn: topic.description) else { return false }
        decisions[client, default: Decisions()].replyTopic = topic
        return true
    }

    /// Why a connecting client may not use its id; nil when it may.
    ///
    /// A connect with the id of another client ends that client's session, and the ids of daemons are public. So a
    /// daemon's id requires the right to publish that daemon's status. Any other id that other clients can know is
    /// reserved for the user that is connected with it.
    func objection(toClientIDOf client: ConnectionKey, user: String?) -> StaticString? {
        let id = broker.clientID(of: client)
        guard isWanted else { return nil }
        guard let part = ClientID.part(of: id) else {
            return shown.allow(user, id: id) ? nil : "client id of another user's connection"
        }
        let topic = Topic.status(of: part)
        if let topic, list?.allowsPublishing(on: topic, user: user, clientID: id) == true { return nil }
        if case .host = part { return "client id of another host's agent" }
        return "client id of a daemon"
    }

    private func allows(_ client: ConnectionKey, toPublishOn topic: String) -> Bool {
        list?.allowsPublishing(on: topic, user: broker.user(of: client), clientID: broker.clientID(of: client)) ?? false
    }

    /// Notes that a request of this client is passed on, which reveals its id.
    mutating func show(_ client: ConnectionKey) {
        let broker = broker
        shown.note(client, id: broker.clientID(of: client), user: broker.user(of: client))
    }

    mutating func forget(_ client: ConnectionKey) {
        decisions[client] = nil
        shown.forget(client)
    }
}
