/// What a connection is made to.
package enum StreamTarget: Equatable, Sendable {
    case tcp(host: String, port: Int)
    case unix(path: String)
}
