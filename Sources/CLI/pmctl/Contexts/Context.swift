import JSONCodec
import MQTTTransport

/// A named broker with the credentials for it: an object of ``ContextFile``.
struct Context: Equatable {
    let name: String
    /// By the names of ``keys``.
    var values: [String: String]

    /// The fields of a context: those of the daemons' configuration files. Passwords are in files of their own.
    static let keys = ["broker"] + BrokerAddress.settings.filter { $0 != "password" }

    init(name: String, values: [String: String]) {
        self.name = name
        self.values = values
    }

    /// - Parameter json: the object of the context.
    init(name: String, _ json: JSON) throws(CommandError) {
        guard let members = json.members else { throw .failed("context \(name) is not an object") }
        self.init(name: name, values: [:])
        for member in members {
            guard Self.keys.contains(member.key) else {
                throw .failed("context \(name) has no field \"\(member.key)\"")
            }
            guard let value = member.value.string else {
                throw .failed("\(member.key) of context \(name) must be a string")
            }
            values[member.key] = value
        }
        guard values["broker"] != nil else { throw .failed("context \(name) has no broker") }
    }

    var json: JSON { .object(Self.keys.compactMap { key in values[key].map { .init(key, .string($0)) } }) }
}
