import ArgumentParser
import Glibc
import MQTTTransport

/// What every subcommand takes, before its name or after it.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The broker: mqtt://[user[:password]@]host[:port] or unix:///path. (default: PM_BROKER, else \(fallback))",
            valueName: "url"))
    var broker: String?

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
            let variable = getenv("PM_BROKER").map { String(cString: $0) } ?? ""
            let (source, url) =
                if let broker { ("--broker", broker) } else if !variable.isEmpty {
                    ("PM_BROKER", variable)
                } else {
                    ("", Self.fallback)
                }
            do { return try BrokerAddress(url) } catch { throw ValidationError("\(source) \(error)") }
        }
    }
}
