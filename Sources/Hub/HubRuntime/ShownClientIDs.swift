import Routing

/// Client ids that other clients can read because the hub has added them to requests. A client that connected with such
/// an id would end the other connection. So while the connection lasts, its id is reserved for its user.
///
/// Only clients with the right to send requests get in here: a read-only client can't block an id for another user.
struct ShownClientIDs {
    private struct Holder {
        let connection: ConnectionKey
        let user: String?
    }

    /// By client id, compared byte by byte, as in the broker.
    private var holders: [[UInt8]: Holder] = [:]
    private var ids: [ConnectionKey: [UInt8]] = [:]

    /// - Parameters:
    ///   - id: evaluated at most once per connection.
    ///   - user: evaluated at most once per connection.
    mutating func note(
        _ connection: ConnectionKey, id: @autoclosure () -> String, user: @autoclosure () -> String?
    ) {
        guard ids[connection] == nil else { return }
        let id = Array(id().utf8)
        ids[connection] = id
        holders[id] = Holder(connection: connection, user: user())
    }

    /// Whether a user may connect with a client id.
    func allow(_ user: String?, id: String) -> Bool {
        guard let holder = holders[Array(id.utf8)] else { return true }
        return holder.user.map { Array($0.utf8) } == user.map { Array($0.utf8) }
    }

    mutating func forget(_ connection: ConnectionKey) {
        guard let id = ids.removeValue(forKey: connection), holders[id]?.connection == connection else { return }
        holders[id] = nil
    }
}
