import LinuxSystem
import Model

/// One attempt to reach the broker, off the loop: looking up a name and connecting may take as long as they like.
final class ConnectionAttempt {
    private let target: StreamTarget
    private var result: Descriptor?

    init(_ target: StreamTarget) { self.target = target }

    /// By a thread that has this to itself.
    func run() {
        switch target {
        case .tcp(let host, let port): result = try? Descriptor.connect(toHost: host, port: port)
        case .unix(let path): result = try? Descriptor.connect(toSocket: path)
        }
        result?.stopBlocking()
    }

    /// The connection, which is the caller's from now on; nil when there is none.
    func take() -> Descriptor? { result.take() }
}
