/// The target of a stream connection.
package enum StreamTarget: Equatable, Sendable {
    case tcp(host: String, port: Int)
    case unix(path: String)
}
