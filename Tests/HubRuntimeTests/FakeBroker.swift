import Model
import HubRuntime
import Routing

/// Keeps what the hub publishes and logs, in place of the broker. Tests set its clocks.
final class FakeBroker: BrokerAPI {
    private struct Client {
        let id: String
        let user: String?
    }

    private var clients: [ConnectionKey: Client] = [:]
    private var messages: [OutgoingMessage] = []
    private(set) var lines: [String] = []
    private(set) var trims = 0
    /// How often the hub has asked for the user of a connection.
    private(set) var userLookups = 0
    var canReadProperties = true
    var hasOtherAccessControl = false
    var wallTime = 1_700_000_000.0
    var steadyTime = 1_000.0

    /// - Parameter user: nil for an anonymous client.
    func connect(_ id: String, user: String? = nil) -> ConnectionKey {
        let connection = ConnectionKey(UInt(clients.count + 1))
        clients[connection] = Client(id: id, user: user)
        return connection
    }

    func user(of connection: ConnectionKey) -> String? {
        userLookups += 1
        return clients[connection]?.user
    }

    func clientID(of connection: ConnectionKey) -> String { clients[connection]?.id ?? "" }

    func publish(_ message: OutgoingMessage) { messages.append(message) }

    func log(_ level: LogLevel, _ text: String) { lines.append("\(level): \(text)") }

    func trimMemory() { trims += 1 }

    /// What the hub has published since the last call.
    func take() -> [OutgoingMessage] {
        defer { messages = [] }
        return messages
    }
}
