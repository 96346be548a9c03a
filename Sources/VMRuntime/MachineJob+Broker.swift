import MQTTTransport
import Model

extension MachineJob {
    /// Where the guest's connections to the broker end up; nil when the URL is none.
    var target: StreamTarget? {
        switch (try? BrokerAddress(brokerURL))?.endpoint {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .unix(let path): .unix(path: path)
        case nil: nil
        }
    }

    /// The broker's URL as the guest sees it: with the same credentials, and nothing of where it really is.
    func guestBrokerURL(port: UInt16) -> String {
        let scheme = "mqtt://"
        guard brokerURL.hasPrefix(scheme), let at = brokerURL.lastIndex(of: "@") else {
            return "\(scheme)10.0.2.2:\(port)"
        }
        return "\(brokerURL[...at])10.0.2.2:\(port)"
    }
}
