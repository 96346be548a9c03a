/// Why a session has no connection. The description is a lower-case phrase.
package enum ConnectionFailure: Error, Equatable, CustomStringConvertible {
    /// No connection to the broker could be made, or what answers there is not a broker.
    case unreachable(String)
    /// The broker has refused the client.
    case refused(String)
    /// An open connection has ended.
    case lost(String)

    package var description: String {
        switch self {
        case .unreachable(let reason), .refused(let reason), .lost(let reason): reason
        }
    }
}
