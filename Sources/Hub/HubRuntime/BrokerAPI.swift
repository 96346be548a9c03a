package import Model
package import Routing

/// What the hub needs of the broker in whose process it runs. The plugin implements it with Mosquitto's functions, and
/// tests with a broker that only remembers.
///
/// The hub calls it on the broker's only thread. Nothing in a message counts as the user or the id of a client: only
/// what the broker knows of the connection does.
package protocol BrokerAPI {
    /// False in a broker that hides the MQTT 5 properties of messages from plugins: they then all seem to be absent.
    var canReadProperties: Bool { get }

    /// Whether another plugin, dynamic-security, decides what clients may publish.
    var hasOtherAccessControl: Bool { get }

    /// Queues a message for the subscribers whose read ACLs allow it. It does not come back to the hub. Without memory,
    /// it is not sent.
    func publish(_ message: OutgoingMessage)

    /// Writes one line to the broker's log. Control characters in the text are escaped.
    func log(_ level: LogLevel, _ text: String)

    /// Nil for an anonymous client.
    func user(of connection: ConnectionKey) -> String?
    func clientID(of connection: ConnectionKey) -> String

    /// Seconds since the epoch, rounded to milliseconds because people read them.
    var wallTime: Double { get }
    /// Seconds of a monotonic clock, a few milliseconds late because it is read for each request.
    var steadyTime: Double { get }

    /// Returns unused memory of the broker to the system.
    func trimMemory()
}
