import Glibc
import Model
import Routing
import Wire

/// Decides which client may send requests to which host, and where it may have answers sent: exactly where the broker's
/// `acl_file` lets it publish. It also decides which client may use a reserved client id.
///
/// The file is named by the plugin option `plugin_opt_acl_file` and should be the broker's own `acl_file`. Without the
/// option, everything is allowed, as in a broker without ACLs. ``Hub`` asks before it routes or answers a request.
/// Decisions are cached per connection until the file is read again.
struct AccessControl {
    private let broker: any BrokerAPI
    private let path: String?
    /// Nil when no file is configured, or when it can't be used; in the latter case nothing is allowed.
    private var list: AccessList?
    /// Cached decisions for open connections.
    private var decisions: [ConnectionKey: Decisions] = [:]

    private var shown = ShownClientIDs()

    private struct Decisions {
        var hosts: [HostName: Bool] = [:]
        /// The last reply topic that was allowed: most clients use the same one for all requests.
        var replyTopic: ReplyTopic?
    }

    /// Whether access is controlled: a file is configured.
    var isWanted: Bool { path != nil }

    init(path: String?, _ broker: any BrokerAPI) {
        self.broker = broker
        self.path = path
        read()
    }

    /// Reads the file again, as the broker does at SIGHUP.
    mutating func read() {
        decisions = [:]
        list = nil
        guard let path else { return }
        guard let text = Self.text(of: path) else {
            return broker.log(.error, "hub: \(path) can't be read: requests refused")
        }
        do throws(Failure) { list = try AccessList(text) } catch {
            broker.log(.error, "hub: \(path): \(error.detail): requests refused")
        }
    }

    /// Whether a client may send requests to a host.
    mutating func allows(_ client: ConnectionKey, to host: HostName) -> Bool {
        guard isWanted else { return true }
        if let decision = decisions[client]?.hosts[host] { return decision }
        let isAllowed = allows(client, toPublishOn: Topic.control(host).description)
        if decisions[client, default: Decisions()].hosts.count < Limits.hubDecisions {
            decisions[client]?.hosts[host] = isAllowed
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

    private static func text(of path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= Limits.accessList {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return ferror(file) == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
            bytes += buffer.prefix(count)
        }
        return nil
    }
}
