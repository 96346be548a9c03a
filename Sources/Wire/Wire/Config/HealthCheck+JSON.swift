import JSONCodec
import Model

extension HealthCheck {
    private static let probes = ["command", "tcp", "http"]

    /// Decodes `{"command"|"tcp"|"http","interval","timeout","retries"}`.
    init(_ field: Field) throws(Failure) {
        let fields = try field.object(of: Self.probes + ["interval", "timeout", "retries"])
        self.init(probe: try Self.probe(fields))
        interval = try fields["interval"]?.period() ?? interval
        timeout = try fields["timeout"]?.period() ?? timeout
        retries = try fields["retries"]?.whole(in: 1...Limits.mostHealthCheckRetries) ?? retries
    }

    private static func probe(_ fields: Field) throws(Failure) -> Probe {
        let (kind, field) = try fields.only(of: probes)
        switch kind {
        case "tcp": return .tcp(try Endpoint(field))
        case "http":
            let (endpoint, path) = try Endpoint.http(field)
            return .http(endpoint, path: path)
        default:
            let words = try field.words()
            guard words.first?.isEmpty == false else { throw field.invalid("a command") }
            return .command(words)
        }
    }

    var json: JSON {
        var members = Members()
        switch probe {
        case .command(let words): members.add("command", .array(words.map { .string($0) }))
        case .tcp(let endpoint): members.add("tcp", .string("\(endpoint)"))
        case .http(let endpoint, let path): members.add("http", .string("http://\(endpoint)\(path)"))
        }
        members.add("interval", interval, unless: Limits.healthCheckInterval)
        members.add("timeout", timeout, unless: Limits.healthCheckTimeout)
        members.add("retries", retries, unless: Limits.healthCheckRetries)
        return members.json
    }
}
