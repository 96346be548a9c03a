import JSONCodec
import Model

extension StopRules {
    /// `{"signal","grace"}`
    init(_ field: Field) throws(Failure) {
        self.init()
        let fields = try field.object(of: ["signal", "grace"])
        signal = try fields["signal"]?.signal() ?? signal
        grace = try fields["grace"]?.seconds()
    }

    var json: JSON {
        var members = Members()
        if signal != StopRules().signal {
            members.add("signal", SignalName.name(of: signal).map { .string($0) } ?? .number(signal))
        }
        members.add("grace", grace.map { .number($0) })
        return members.json
    }
}
