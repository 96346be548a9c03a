/// A test of whether a process that runs does its work (`health_check` of a config).
package struct HealthCheck: Hashable, Sendable {
    package enum Probe: Hashable, Sendable {
        /// argv, executed like the process itself; exit code 0 is healthy.
        case command([String])
        /// A connection can be made.
        case tcp(Endpoint)
        /// GET is answered with a status from 200 to 399.
        case http(Endpoint, path: String)
    }

    package var probe: Probe
    /// Seconds from one test to the next.
    package var interval = Limits.healthCheckInterval
    /// Seconds after which a test without a result has failed.
    package var timeout = Limits.healthCheckTimeout
    /// So many failures in a row make a process unhealthy.
    package var retries = Limits.healthCheckRetries

    package init(probe: Probe) { self.probe = probe }
}

/// An IP address in digits or `localhost`, and a port; any other name would have to be looked up, which blocks.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// Both loopback addresses.
    package static let localhost = "localhost"

    package let address: String
    package let port: UInt16

    package init(address: String, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// `127.0.0.1:80`, `[::1]:80`
    package var description: String {
        address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
