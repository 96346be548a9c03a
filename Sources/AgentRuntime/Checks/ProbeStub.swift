import LinuxSystem
import Model
class Probe {}
final class TCPProbe: Probe {
    init(_ e: Endpoint, timeout: Double, on loop: EventLoop, completion: @escaping (String?) -> Void) {}
}
final class HTTPProbe: Probe {
    init(_ e: Endpoint, path: String, timeout: Double, on loop: EventLoop, completion: @escaping (String?) -> Void) {}
}
