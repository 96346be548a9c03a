import ArgumentParser
import Glibc
import MQTTTransport

/// What every subcommand takes, before its name or after it.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The broker: mqtts://host[:port] with TLS, mqtt://host[:port] or unix:///path. (default: PM_BROKER, else \(fallback))",
            valueName: "url"))
    var broker: String?

    // `--user` is whom a process shall run as.
    @Option(
        name: .customLong("broker-user"),
        help: ArgumentHelp(
            "As whom the broker knows you; PM_PASSWORD has the password. (default: PM_USER)", valueName: "name"))
    var brokerUser: String?
    @Option(
        help: ArgumentHelp("A file whose first line is the password. (default: PM_PASSWORD_FILE)", valueName: "file"),
        completion: .file())
    var passwordFile: String?
    @Option(
        help: ArgumentHelp(
            "Who may vouch for a broker at mqtts://, in PEM, instead of whom this machine trusts. (default: PM_CA)",
            valueName: "file"), completion: .file())
    var ca: String?
    @Option(
        help: ArgumentHelp("Your own certificate, in PEM. (default: PM_CERT)", valueName: "file"), completion: .file())
    var cert: String?
    @Option(help: ArgumentHelp("Its key. (default: PM_KEY)", valueName: "file"), completion: .file())
    var key: String?

    @Flag(help: "Print JSON with the field names of the wire.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Seconds to wait for each answer. (default: \(Int(defaultTimeout)); where processes are stopped: \(Int(stopTimeout)); of pm-cluster: \(Int(clusterTimeout)))",
            valueName: "s"))
    var timeout: Double?

    static let defaultTimeout = 10.0
    /// An agent answers a stop when all is gone: after the grace period and, at worst, its patience with SIGKILL.
    static let stopTimeout = 30.0
    /// A boot, a grace period and the turns of others.
    static let clusterTimeout = 90.0
    private static let fallback = "mqtt://127.0.0.1:1883"

    func validate() throws {
        _ = try address
        if let timeout, !(timeout > 0 && timeout <= 86_400) {
            throw ValidationError("--timeout must be a number of seconds above 0, at most 86400")
        }
    }

    /// Opens the connection to the broker.
    func connect(defaultTimeout: Double = defaultTimeout) throws -> Bus {
        try Bus(try address, timeout: timeout ?? defaultTimeout)
    }

    /// The URL itself is not repeated in errors: it may hold a password.
    private var address: BrokerAddress {
        get throws {
            let options = ["user": brokerUser, "password_file": passwordFile, "ca": ca, "cert": cert, "key": key]
            var values: [String: String] = [:]
            for name in BrokerAddress.settings { values[name] = (options[name] ?? nil) ?? Self.variable(name) }
            let url = broker ?? Self.variable("broker") ?? Self.fallback
            let name = broker == nil ? "PM_BROKER" : "--broker"
            do { return try BrokerAddress(url, isArgument: broker != nil, name: name, values) } catch {
                throw ValidationError("\(error)")
            }
        }
    }

    /// One that is empty counts as none.
    private static func variable(_ name: String) -> String? {
        getenv("PM_\(name.uppercased())").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
