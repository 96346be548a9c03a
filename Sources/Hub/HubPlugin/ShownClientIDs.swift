import Routing

/// Client ids that others can read, because the hub writes them on requests. Whoever knows one could end its connection, so as
/// long as that lasts it is its user's alone.
///
/// Only one that may ask gets in here: a viewer can't keep an id from another user.
struct ShownClientIDs {
    private struct Holder {
        let connection: ConnectionKey
        let user: String?
    }

    /// By id, byte by byte as the broker compares them.
    private var holders: [[UInt8]: Holder] = [:]
    private var ids: [ConnectionKey: [UInt8]] = [:]

    /// - Parameters:
    ///   - id: called once for a connection.
    ///   - user: the same.
    mutating func note(
        _ connection: ConnectionKey, id: @autoclosure () -> String, user: @autoclosure () -> String?
    ) {
        guard ids[connection] == nil else { return }
        let id = Array(id().utf8)
        ids[connection] = id
        holders[id] = Holder(connection: connection, user: user())
    }

    /// Whether a user may connect under an id.
    func allow(_ user: String?, id: String) -> Bool {
        guard let holder = holders[Array(id.utf8)] else { return true }
        return holder.user.map { Array($0.utf8) } == user.map { Array($0.utf8) }
    }

    mutating func forget(_ connection: ConnectionKey) {
        guard let id = ids.removeValue(forKey: connection), holders[id]?.connection == connection else { return }
        holders[id] = nil
    }
}
