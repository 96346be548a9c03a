/// A test of whether a running process works (`health_check` of a config).
package struct HealthCheck: Hashable, Sendable {
    package enum Probe: Hashable, Sendable {
        /// argv, executed with the process's own settings; exit code 0 means healthy.
        case command([String])
        /// A TCP connection must succeed.
        case tcp(Endpoint)
        /// GET must be answered with a status from 200 to 399.
        case http(Endpoint, path: String)
    }

    package var probe: Probe
    /// Seconds from one test to the next.
    package var interval = Limits.healthCheckInterval
    /// A test without a result after this number of seconds has failed.
    package var timeout = Limits.healthCheckTimeout
    /// Number of consecutive failures that make a process unhealthy.
    package var retries = Limits.healthCheckRetries

    package init(probe: Probe) { self.probe = probe }
}

/// A numeric IP address or `localhost`, and a port. Other names are not accepted because a lookup blocks.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// Stands for both loopback addresses.
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
