package import JSONCodec
import LinuxSystem
package import MQTTTransport
package import Model

/// The values of a daemon's settings. A flag overrides an environment variable (`PM_HOST`, …), which overrides the
/// configuration file.
package struct Settings {
    private let flags: [String: String]
    private let environment: (String) -> String?
    private let file: String
    /// The configuration file's object.
    package let document: JSON

    /// - Parameters:
    ///   - flags: values by the name of the setting.
    ///   - known: every setting that the file may have.
    package init(
        flags: [String: String], file: String?, known: [String], environment: @escaping (String) -> String?
    ) throws(ConfigurationError) {
        self.flags = flags
        self.environment = environment
        self.file = file ?? ""
        document = try file.map { path throws(ConfigurationError) in try Self.read(path, known) } ?? [:]
    }

    private static func read(_ path: String, _ known: [String]) throws(ConfigurationError) -> JSON {
        var bytes: [UInt8]
        do { bytes = try FileSystem.read(path, limit: Limits.payload) } catch { throw ConfigurationError("\(error)") }
        JSON.blankComments(in: &bytes)
        let document: JSON
        let text = Array(bytes[JSON.content(of: bytes.span)])
        do throws(JSONError) {
            document = try JSON.parse(text.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting)
        } catch {
            throw ConfigurationError("\(path): \(error.description(in: text.span, nestingLimit: Limits.nesting))")
        }
        guard let members = document.members else { throw ConfigurationError("\(path): not an object") }
        // Otherwise a misspelt setting would silently have no effect.
        if let unknown = members.first(where: { !known.contains($0.key) }) {
            throw ConfigurationError("\(path): unknown setting \"\(unknown.key)\"")
        }
        return document
    }

    /// - Returns: nil if it is not set.
    /// - Throws: if it is not a string.
    package func text(_ name: String) throws(ConfigurationError) -> String? {
        if let text = given(name) { return text }
        guard let value = document[name] else { return nil }
        guard let text = value.string else { throw ConfigurationError("\(file): \(name) must be a string") }
        return text
    }

    /// A path, which is relative to the working directory if it is not absolute. The result is absolute: nodes inherit
    /// it, and have another working directory.
    package func path(_ name: String) throws(ConfigurationError) -> String? {
        try text(name).map { FileSystem.absolute($0) }
    }

    /// - Throws: if it is not a number, or out of range.
    package func number(_ name: String, in range: ClosedRange<Double>) throws(ConfigurationError) -> Double? {
        let given = given(name)
        guard given != nil || document[name] != nil else { return nil }
        guard let number = given.map({ Double($0) }) ?? document[name]?.number, range.contains(number) else {
            throw ConfigurationError("\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    package func whole(_ name: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        let number = try number(name, in: Double(range.lowerBound)...Double(range.upperBound))
        guard let number else { return nil }
        guard number == number.rounded() else { throw ConfigurationError("\(name) must be a whole number") }
        return Int(number)
    }

    package func flag(_ name: String) throws(ConfigurationError) -> Bool? {
        let given = given(name)
        guard given != nil || document[name] != nil else { return nil }
        guard let flag = given.map({ Bool($0) }) ?? document[name]?.bool else {
            throw ConfigurationError("\(name) must be true or false")
        }
        return flag
    }

    /// The settings that ``broker()`` reads.
    package static let brokerSettings = ["broker"] + BrokerAddress.settings
    /// The flags of those that may be arguments, which a password may not.
    package static let brokerFlags = [
        "--broker": "broker", "--user": "user", "--password-file": "password_file", "--ca": "ca", "--cert": "cert",
        "--key": "key",
    ]

    /// The broker, which every daemon needs.
    package func broker() throws(ConfigurationError) -> BrokerAddress {
        guard let url = try text("broker") else { throw ConfigurationError("no broker: use --broker URL") }
        var values: [String: String] = [:]
        for name in BrokerAddress.settings where name != "password" {
            values[name] = BrokerAddress.files.contains(name) ? try path(name) : try text(name)
        }
        values["password"] = environment("PM_PASSWORD") ?? document["password"]?.string
        do {
            return try BrokerAddress(url, isArgument: flags["broker"] != nil, values)
        } catch {
            throw ConfigurationError("\(error)")
        }
    }

    /// Warnings about files with secrets that other users can access.
    ///
    /// - Parameter prefixes: of the settings `password_file` and `key`, which several identities have.
    package func exposures(of prefixes: [String] = [""]) throws(ConfigurationError) -> [String] {
        var exposures: [String] = []
        if document["password"] != nil, let exposure = FileSystem.exposure(of: file) {
            exposures.append("\(file) holds a password: \(exposure)")
        }
        for name in prefixes.flatMap({ ["\($0)password_file", "\($0)key"] }) {
            guard let path = try path(name), let exposure = FileSystem.exposure(of: path) else { continue }
            exposures.append("\(name) \(path): \(exposure)")
        }
        return exposures
    }

    /// The settings that ``requestQuotas()`` reads.
    package static let requestSettings = [
        "request_ttl", "max_requests", "max_requests_per_second", "max_payload", "max_queue",
    ]

    /// The quotas for requests, which every daemon has.
    package func requestQuotas() throws(ConfigurationError) -> Quotas {
        var quotas = Quotas()
        quotas.requestTTL = try number("request_ttl", in: 0...86_400) ?? quotas.requestTTL
        quotas.requests = try whole("max_requests", in: 1...Limits.requestsUnderWay) ?? quotas.requests
        quotas.requestRate = try whole("max_requests_per_second", in: 1...Limits.mostRequestRate) ?? quotas.requestRate
        quotas.payload = try whole("max_payload", in: 1_024...Limits.payload) ?? quotas.payload
        quotas.queue = try whole("max_queue", in: 2 * Limits.payload...Limits.mostOutboxBytes) ?? quotas.queue
        return quotas
    }

    /// Seconds of the MQTT keep-alive, `keep_alive`. A long one saves bytes on a metered link, and delays the discovery of
    /// a lost one.
    /// - Throws: if it is none of the names of ``LogLevel``.
    package func logLevel() throws(ConfigurationError) -> LogLevel {
        guard let name = try text("log_level") else { return .info }
        guard let level = LogLevel(name: name) else {
            throw ConfigurationError("log_level must be error, warning, info or debug")
        }
        return level
    }

    package func keepAlive() throws(ConfigurationError) -> Int {
        try whole("keep_alive", in: Limits.leastKeepAlive...Limits.mostKeepAlive) ?? Limits.keepAlive
    }

    package func stateDirectory() throws(ConfigurationError) -> String {
        guard let directory = try text("state_dir"), !directory.isEmpty else {
            throw ConfigurationError("no state directory: use --state-dir DIR")
        }
        return FileSystem.absolute(directory)
    }

    private func given(_ name: String) -> String? { flags[name] ?? environment("PM_\(name.uppercased())") }
}
