import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

extension AgentConfiguration {
    /// Every setting by the name it has in the file; flags and variables are made of these names.
    private static let settings = [
        "host", "broker", "state_dir", "health_interval", "request_ttl", "stop_grace", "max_processes",
        "processes_dir", "generation", "vm_image",
    ]

    /// Puts a configuration together: a flag wins over a variable (`PM_HOST`, …), that over the file, that over a default.
    ///
    /// - Parameter flags: by setting.
    package static func read(
        flags: [String: String], file: String?, environment: @escaping (String) -> String?
    ) throws(ConfigurationError) -> AgentConfiguration {
        let document = try file.map { path throws(ConfigurationError) in try read(path) } ?? [:]
        let values = Settings(flags: flags, environment: environment, document: document, file: file ?? "")
        guard let hostText = try values.text("host") else {
            throw ConfigurationError("no host name: say --host NAME")
        }
        guard let host = HostName(hostText) else {
            throw ConfigurationError(
                "host \"\(hostText)\" must be 1 to 63 of A-Z a-z 0-9 . _ -, a letter or digit first, and not "
                    + HostName.reserved.sorted().joined(separator: ", "))
        }
        guard let url = try values.text("broker") else { throw ConfigurationError("no broker: say --broker URL") }
        let broker: BrokerAddress
        do { broker = try BrokerAddress(url) } catch { throw ConfigurationError("the broker's URL \(error)") }
        guard let directory = try values.text("state_dir"), !directory.isEmpty else {
            throw ConfigurationError("no state directory: say --state-dir DIR")
        }
        var configuration = AgentConfiguration(host: host, broker: broker, stateDirectory: directory)
        configuration.healthInterval = try values.number("health_interval", in: 0.1...86_400) ?? Limits.healthInterval
        configuration.requestTTL = try values.number("request_ttl", in: 0...86_400) ?? Limits.requestTTL
        configuration.stopGrace = try values.number("stop_grace", in: 0...3_600) ?? Limits.gracePeriod
        let processes = try values.number("max_processes", in: 1...Double(Limits.processes))
        if let processes, processes != processes.rounded() {
            throw ConfigurationError("max_processes must be a whole number")
        }
        configuration.processLimit = processes.map { Int($0) } ?? Limits.processes
        if let path = try values.text("processes_dir") { configuration.processesDirectory = path }
        configuration.generation = try values.text("generation")
        configuration.machineImage = try values.text("vm_image")
        configuration.labels = try labels(document["labels"])
        return configuration
    }

    private static func read(_ path: String) throws(ConfigurationError) -> JSON {
        let bytes: [UInt8]
        do { bytes = try FileSystem.read(path, limit: Limits.payload) } catch { throw ConfigurationError("\(error)") }
        let document: JSON
        do {
            document = try JSON.parse(bytes.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting)
        } catch {
            throw ConfigurationError("\(path): \(error.description)")
        }
        guard let members = document.members else { throw ConfigurationError("\(path): not an object") }
        // A misspelt setting would silently not apply.
        if let unknown = members.first(where: { !settings.contains($0.key) && $0.key != "labels" }) {
            throw ConfigurationError("\(path): unknown setting \"\(unknown.key)\"")
        }
        return document
    }

    private static func labels(_ json: JSON?) throws(ConfigurationError) -> [Label] {
        guard let json else { return [] }
        do { return try Label.list(json) } catch { throw ConfigurationError(error.detail) }
    }
}

/// The values of settings, wherever they come from.
private struct Settings {
    let flags: [String: String]
    let environment: (String) -> String?
    let document: JSON
    let file: String

    func text(_ name: String) throws(ConfigurationError) -> String? {
        if let text = given(name) { return text }
        guard let value = document[name] else { return nil }
        guard let text = value.string else { throw ConfigurationError("\(file): \(name) must be a string") }
        return text
    }

    func number(_ name: String, in range: ClosedRange<Double>) throws(ConfigurationError) -> Double? {
        let given = given(name)
        guard given != nil || document[name] != nil else { return nil }
        guard let number = given.map({ Double($0) }) ?? document[name]?.number, range.contains(number) else {
            throw ConfigurationError("\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private func given(_ name: String) -> String? { flags[name] ?? environment("PM_\(name.uppercased())") }
}
