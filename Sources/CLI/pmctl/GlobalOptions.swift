import ArgumentParser
import LinuxSystem
import MQTTTransport

/// Options that every subcommand takes, before its name or after it.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The broker: mqtts://host[:port] with TLS, mqtt://host[:port], wss://host/path, ws://host/path or unix:///path. (default: PM_BROKER, else that of the context, else \(BrokerSources.fallback))",
            valueName: "url"))
    var broker: String?

    @Option(
        help: ArgumentHelp(
            "The context: a broker with its credentials, see pmctl context. (default: PM_CONTEXT, else the current one)",
            valueName: "name"), completion: .contexts)
    var context: String?

    // Not `--user`: that is the user that a process runs as.
    @Option(
        name: .customLong("broker-user"),
        help: ArgumentHelp(
            "The user name for the broker; its password is in PM_PASSWORD. (default: PM_USER)", valueName: "name"))
    var brokerUser: String?
    @Option(
        help: ArgumentHelp("A file with the password in line 1. (default: PM_PASSWORD_FILE)", valueName: "file"),
        completion: .file())
    var passwordFile: String?
    @Option(
        help: ArgumentHelp(
            "CA certificates (PEM) for mqtts://. (default: PM_CA, else the system's)",
            valueName: "file"), completion: .file())
    var ca: String?
    @Option(
        help: ArgumentHelp("The client certificate (PEM). (default: PM_CERT)", valueName: "file"), completion: .file())
    var cert: String?
    @Option(
        help: ArgumentHelp("The key of the client certificate (PEM). (default: PM_KEY)", valueName: "file"),
        completion: .file())
    var key: String?

    @Option(
        help: ArgumentHelp(
            "An HTTP proxy, http://host:port; PM_PROXY_USER, PM_PROXY_PASSWORD_FILE and PM_NO_PROXY belong to it. (default: PM_PROXY)",
            valueName: "url"))
    var proxy: String?

    @Flag(help: "Print JSON with the field names of the MQTT messages.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Seconds to wait for each answer. (default: \(Int(defaultTimeout)); for commands that stop processes: \(Int(stopTimeout)); for pm-cluster: \(Int(clusterTimeout)))",
            valueName: "s"))
    var timeout: Double?

    static let defaultTimeout = 10.0
    /// An agent answers a stop when the whole tree has ended: after the grace period and, at worst, the time that it
    /// allows for SIGKILL.
    static let stopTimeout = 30.0
    /// Covers a boot, a grace period and the time that a request waits in pm-cluster's queue.
    static let clusterTimeout = 90.0

    func validate() throws {
        // A context that can't be used must not keep `pmctl context` from mending it.
        if let sources = try? sources, sources.context == nil { _ = try address }
        if let timeout, !(timeout > 0 && timeout <= 86_400) {
            throw ValidationError("--timeout must be a number of seconds above 0, at most 86400")
        }
    }

    /// ArgumentParser would use the last value of an option without a word.
    static func refuseRepetition(in arguments: [String]) throws {
        var seen: Set<Substring> = []
        for argument in arguments.prefix(while: { $0 != "--" }) {
            let flag = argument.prefix { $0 != "=" }
            guard single.contains(flag), !seen.insert(flag).inserted else { continue }
            throw ValidationError("\(flag) is given twice")
        }
    }

    /// The words before `--` that are no options and not the values of these options: first the subcommand.
    static func words(in arguments: [String]) -> [String] {
        var words: [String] = []
        var isValue = false
        for argument in arguments.prefix(while: { $0 != "--" }) {
            if !isValue, !argument.hasPrefix("-") { words.append(argument) }
            isValue = !isValue && single.contains(Substring(argument))
        }
        return words
    }

    private static let single: Set<Substring> = [
        "--broker", "--context", "--broker-user", "--password-file", "--ca", "--cert", "--key", "--proxy", "--timeout",
    ]

    /// Opens the connection to the broker.
    func connect(defaultTimeout: Double = defaultTimeout) throws -> Bus {
        try Bus(try address, timeout: timeout ?? defaultTimeout)
    }

    /// Errors do not repeat the URL: it may hold a password.
    var address: BrokerAddress {
        get throws {
            let sources = try sources
            do {
                return try BrokerAddress(
                    sources.url, isArgument: broker != nil, name: sources.urlName, sources.settings)
            } catch {
                throw ValidationError("\(error)")
            }
        }
    }

    /// The flags for the broker, by the names of a context's fields.
    var flags: [String: String] {
        let all = [
            "broker": broker, "user": brokerUser, "password_file": passwordFile, "ca": ca, "cert": cert, "key": key,
            "proxy": proxy,
        ]
        return all.compactMapValues(\.self)
    }

    var sources: BrokerSources {
        get throws(CommandError) {
            var variables: [String: String] = [:]
            for name in ["broker"] + BrokerAddress.settings { variables[name] = Self.variable(name) }
            return try BrokerSources(
                flags: flags, variables: variables, name: context, variable: Self.variable("context")
            ) {
                () throws(CommandError) in ContextFile.path == nil && context == nil ? nil : try ContextFile()
            }
        }
    }

    /// The environment variable `PM_<NAME>`; an empty one counts as unset.
    private static func variable(_ name: String) -> String? {
        Environment.value("PM_\(name.uppercased())").flatMap { $0.isEmpty ? nil : $0 }
    }
}
