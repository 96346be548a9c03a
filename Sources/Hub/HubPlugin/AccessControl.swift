import CMosquittoPlugin
import Glibc
import Model
import Routing
import Wire

/// Who may route to which host, and have answers sent where: exactly who may publish on that topic by the broker's `acl_file`.
///
/// The file is this plugin's option `plugin_opt_acl_file`, and the broker's own `acl_file` should be the same one. Without the
/// option everybody may, as in a broker without ACLs.
struct AccessControl {
    private let path: String?
    /// Nil when there is a file that can't be used: then nobody may.
    private var list: AccessList?
    /// What was decided for connections that are open.
    private var decisions: [ConnectionKey: Decisions] = [:]

    private var shown = ShownClientIDs()

    private struct Decisions {
        var hosts: [HostName: Bool] = [:]
        /// The latest topic for answers that was allowed: most name one again and again.
        var replyTopic: ReplyTopic?
    }

    /// Whether there is a file at all.
    var isWanted: Bool { path != nil }

    init(path: String?) {
        self.path = path
        read()
    }

    /// Reads the file anew, as the broker does at SIGHUP.
    mutating func read() {
        decisions = [:]
        list = nil
        guard let path else { return }
        guard let text = Self.text(of: path) else {
            return Log.write(.error, "hub: \(path) can't be read: nobody may route")
        }
        do throws(Failure) { list = try AccessList(text) } catch {
            Log.write(.error, "hub: \(path): \(error.detail): nobody may route")
        }
    }

    /// - Parameter client: who sent the request; the broker knows who that is, the request need not tell.
    mutating func allows(_ client: OpaquePointer, to host: HostName) -> Bool {
        guard isWanted else { return true }
        let key = ConnectionKey(client)
        if let decision = decisions[key]?.hosts[host] { return decision }
        let isAllowed = allows(client, toPublishOn: Topic.control(host).description)
        if decisions[key, default: Decisions()].hosts.count < Limits.hubDecisions {
            decisions[key]?.hosts[host] = isAllowed
        }
        return isAllowed
    }

    /// Whether somebody may have an answer sent there: whoever answers could do what the client itself may not.
    mutating func allows(_ client: OpaquePointer, toBeAnsweredOn topic: ReplyTopic) -> Bool {
        guard isWanted else { return true }
        let key = ConnectionKey(client)
        if decisions[key]?.replyTopic?.description.utf8.elementsEqual(topic.description.utf8) == true { return true }
        guard allows(client, toPublishOn: topic.description) else { return false }
        decisions[key, default: Decisions()].replyTopic = topic
        return true
    }

    /// Why a connecting client may not use its id; nil when it may. A take-over of an id ends the session that has it, and the ids
    /// of daemons are public; so each of them takes the right to publish that daemon's status. Any other that is known is its user's.
    func objection(toClientIDOf client: OpaquePointer, user: String?) -> StaticString? {
        let id = Self.id(of: client)
        guard isWanted else { return nil }
        guard let part = ClientID.part(of: id) else {
            return shown.allow(user, id: id) ? nil : "client id of another user's connection"
        }
        let topic = Topic.status(of: part)
        if let topic, list?.allowsPublishing(on: topic, user: user, clientID: id) == true { return nil }
        if case .host = part { return "client id of another host's agent" }
        return "client id of a daemon"
    }

    private func allows(_ client: OpaquePointer, toPublishOn topic: String) -> Bool {
        list?.allowsPublishing(on: topic, user: Self.user(of: client), clientID: Self.id(of: client)) ?? false
    }

    /// A request of this client is passed on, and shows its id.
    mutating func show(_ client: OpaquePointer) {
        shown.note(ConnectionKey(client), id: Self.id(of: client), user: Self.user(of: client))
    }

    mutating func forget(_ connection: ConnectionKey) {
        decisions[connection] = nil
        shown.forget(connection)
    }

    static func user(of client: OpaquePointer) -> String? {
        mosquitto_client_username(client).map { String(cString: $0) }
    }

    static func id(of client: OpaquePointer) -> String {
        mosquitto_client_id(client).map { String(cString: $0) } ?? ""
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
