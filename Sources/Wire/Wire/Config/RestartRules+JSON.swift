import JSONCodec
import Model

extension RestartRules {
    /// Decodes `{"policy","delay","max_delay","reset_after","start_limit","start_interval"}`, or the policy alone.
    init(_ field: Field) throws(Failure) {
        self.init()
        if field.json.string != nil {
            policy = try Self.policy(field)
            return
        }
        let fields = try field.object(
            of: ["policy", "delay", "max_delay", "reset_after", "start_limit", "start_interval"])
        if let field = fields["policy"] { policy = try Self.policy(field) }
        delay = try fields["delay"]?.seconds() ?? delay
        maximumDelay = try fields["max_delay"]?.seconds() ?? usualMaximum
        resetAfter = try fields["reset_after"]?.seconds() ?? resetAfter
        startLimit = try fields["start_limit"]?.whole(in: 0...Limits.startLimit) ?? startLimit
        startInterval = try fields["start_interval"]?.seconds() ?? startInterval
        guard maximumDelay >= delay else {
            throw Failure(.invalidArgument, "\(field.name(of: "max_delay")) must be at least delay")
        }
    }

    /// At least `delay`, so that a config with a long delay need not set `max_delay`.
    private var usualMaximum: Double { max(Limits.restartMaximumDelay, delay) }

    private static func policy(_ field: Field) throws(Failure) -> Policy {
        guard let policy = field.json.string.flatMap(Policy.init(rawValue:)) else {
            throw field.invalid("never, on_failure or always")
        }
        return policy
    }

    var json: JSON {
        let usual = RestartRules()
        var members = Members()
        members.add("policy", .string(policy.rawValue))
        members.add("delay", delay, unless: usual.delay)
        members.add("max_delay", maximumDelay, unless: usualMaximum)
        members.add("reset_after", resetAfter, unless: usual.resetAfter)
        members.add("start_limit", startLimit, unless: usual.startLimit)
        members.add("start_interval", startInterval, unless: usual.startInterval)
        return members.json
    }
}
