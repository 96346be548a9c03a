import JSONCodec
import Model

extension StopRules {
    /// Decodes `{"signal","to","grace"}`.
    init(_ field: Field) throws(Failure) {
        self.init()
        let fields = try field.object(of: ["signal", "to", "grace"])
        signal = try fields["signal"]?.signal() ?? signal
        target = try fields["to"].map(Self.target) ?? target
        grace = try fields["grace"]?.seconds()
    }

    private static func target(_ field: Field) throws(Failure) -> Target {
        guard let target = field.json.string.flatMap(Target.init(rawValue:)) else {
            throw field.invalid(Target.allCases.map(\.rawValue).joined(separator: " or "))
        }
        return target
    }

    var json: JSON {
        var members = Members()
        if signal != StopRules().signal {
            members.add("signal", SignalName.name(of: signal).map { .string($0) } ?? .number(signal))
        }
        if target != .tree { members.add("to", .string(target.rawValue)) }
        members.add("grace", grace.map { .number($0) })
        return members.json
    }
}
