/// What a connection is made to.
enum StreamTarget: Equatable, Sendable {
    case tcp(host: String, port: Int)
    case unix(path: String)
}
