import Model
import TestSupport
import Testing

/// Generates random specs that a config can express.
struct RandomSpec {
    var seed: Seed

    mutating func next() throws -> ProcessSpec {
        var spec = ProcessSpec(invocation: try invocation())
        spec.name = try maybe { try $0.name() }
        spec.driver = maybe { _ in "other" } ?? "exec"
        spec.environment = (0..<count(3)).map { index in
            .init(name: "V\(index)\(text())", value: flip() ? .text(text()) : .file("/" + text()))
        }
        spec.restart = restart()
        spec.stop.signal = maybe { .random(in: 1...64, using: &$0.seed) } ?? 15
        spec.stop.target = pick(StopRules.Target.allCases)
        spec.stop.grace = maybe { $0.seconds(from: 0) }
        spec.identity = identity()
        spec.limits = limits()
        spec.standardInput = maybe { $0.flip() ? .open : .text($0.text()) }
        spec.log.maximumSize = maybe { .random(in: 4096...(1 << 40), using: &$0.seed) } ?? spec.log.maximumSize
        spec.log.files = maybe { .random(in: 1...100, using: &$0.seed) } ?? spec.log.files
        spec.healthCheck = maybe { $0.healthCheck() }
        spec.ready = maybe { $0.ready() }
        spec.dependsOn = try (0..<count(3)).map {
            Dependency(try #require(Name("d\($0)")), pick(Dependency.Condition.allCases))
        }
        if spec.restart.policy == .never { spec.schedule = try maybe { try CronSchedule($0.pick(Self.schedules)) } }
        spec.isPersistent = flip()
        return spec
    }

    private static let schedules = ["@daily", "*/5 8-17 * * MON-FRI", " 0  0 29 2 * "]
    private static let scalars = Array("ab 1=.'\"\\\n\té\u{301}€😀/".unicodeScalars)

    private mutating func flip() -> Bool { .random(using: &seed) }
    private mutating func count(_ most: Int) -> Int { .random(in: 0...most, using: &seed) }
    private mutating func pick<Value>(_ values: [Value]) -> Value { values[count(values.count - 1)] }

    private mutating func maybe<Value>(_ make: (inout RandomSpec) throws -> Value) rethrows -> Value? {
        flip() ? try make(&self) : nil
    }

    /// Without `=`, which a variable name must not contain.
    private mutating func text() -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<count(6) { text.append(pick(Self.scalars.filter { $0 != "=" })) }
        return String(text)
    }

    private mutating func name() throws -> Name { try #require(Name("n\(count(1_000))")) }

    private mutating func seconds(from least: Double) -> Double {
        flip() ? pick([least, 1, 86_400]) : .random(in: least...86_400, using: &seed)
    }

    private mutating func words() -> [String] { (0..<count(3)).map { _ in text() } }

    private mutating func invocation() throws -> ProcessSpec.Invocation {
        switch count(3) {
        case 0: .program(path: "/" + text(), arguments: words())
        case 1: .command(words: ["a" + text()] + words(), path: nil)
        case 2: .command(words: words(), path: "/" + text())
        default: .command(words: [text()], path: maybe { "/" + $0.text() })
        }
    }

    private mutating func restart() -> RestartRules {
        var rules = RestartRules()
        rules.policy = pick(RestartRules.Policy.allCases)
        rules.delay = maybe { $0.seconds(from: 0) } ?? rules.delay
        rules.maximumDelay =
            maybe { [rules] in .random(in: rules.delay...86_400, using: &$0.seed) }
            ?? max(rules.maximumDelay, rules.delay)
        rules.resetAfter = maybe { $0.seconds(from: 0) } ?? rules.resetAfter
        rules.startLimit = maybe { $0.count(1_000_000) } ?? rules.startLimit
        rules.startInterval = maybe { $0.seconds(from: 0) } ?? rules.startInterval
        return rules
    }

    private mutating func identity() -> Identity {
        var identity = Identity()
        identity.user = maybe { "u" + $0.text() }
        identity.group = maybe { "\($0.count(4_000))" }
        identity.umask = maybe { UInt32($0.count(0o777)) }
        identity.oomScore = maybe { .random(in: 0...1000, using: &$0.seed) }
        identity.nice = maybe { .random(in: -20...19, using: &$0.seed) }
        return identity
    }

    private mutating func limits() -> ResourceLimits {
        var limits = ResourceLimits()
        limits.openFiles = maybe { .random(in: 1...(1 << 30), using: &$0.seed) }
        limits.core = maybe { .random(in: 0...(1 << 50), using: &$0.seed) }
        limits.memory = maybe { .random(in: (1 << 16)...(1 << 50), using: &$0.seed) }
        limits.cpu = maybe { .random(in: 0.01...4_096, using: &$0.seed) }
        limits.pids = maybe { .random(in: 1...(1 << 22), using: &$0.seed) }
        return limits
    }

    private mutating func endpoint() -> Endpoint {
        Endpoint(
            address: pick(["localhost", "127.0.0.1", "::1", "2001:db8::7", "::ffff:10.0.0.1"]),
            port: .random(in: 1 ... .max, using: &seed))
    }

    private mutating func healthCheck() -> HealthCheck {
        let probes: [HealthCheck.Probe] = [
            .command(["a" + text()] + words()), .tcp(endpoint()), .http(endpoint(), path: pick(["/", "/a?b=%20"])),
        ]
        var check = HealthCheck(probe: pick(probes))
        check.interval = maybe { $0.seconds(from: 0.1) } ?? check.interval
        check.timeout = maybe { $0.seconds(from: 0.1) } ?? check.timeout
        check.retries = maybe { .random(in: 1...1_000, using: &$0.seed) } ?? check.retries
        return check
    }

    private mutating func ready() -> ReadyRules {
        let line = String("x" + text()).split(separator: "\n").first.map(String.init) ?? "x"
        var rules = ReadyRules(sign: pick([.descriptor(Int32(3 + count(252))), .logLine(line), .tcp(endpoint())]))
        rules.timeout = maybe { $0.seconds(from: 0.1) } ?? rules.timeout
        return rules
    }
}
