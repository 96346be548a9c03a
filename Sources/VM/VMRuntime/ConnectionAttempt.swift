import LinuxSystem
import Model

/// One attempt to connect to the broker, in a background thread, because name lookup and connect(2) block.
final class ConnectionAttempt {
    private let target: StreamTarget
    private var result: Descriptor?

    init(_ target: StreamTarget) { self.target = target }

    /// Called by the background thread, which is then the only user of this object.
    func run() {
        switch target {
        case .tcp(let host, let port):
            result = try? Descriptor.connect(
                toHost: host, port: UInt16(clamping: port), limit: Limits.connectDeadline)
        case .unix(let path): result = try? Descriptor.connect(toSocket: path)
        }
        result?.stopBlocking()
    }

    /// The connection, which the caller now owns; nil when the attempt failed.
    func take() -> Descriptor? { result.take() }
}
