import MQTTTransport
import Model

/// What a guest's way to the broker is made of.
extension BrokerAddress {
    var target: StreamTarget {
        switch endpoint {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .unix(let path): .unix(path: path)
        }
    }

    /// `user:password@` as the URL has it, or nothing.
    var credentials: String {
        guard user != nil, let at = url.lastIndex(of: "@") else { return "" }
        return String(url[...at].dropFirst("mqtt://".count))
    }
}
