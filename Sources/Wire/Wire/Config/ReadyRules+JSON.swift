import JSONCodec
import Model

extension ReadyRules {
    private static let signs = ["fd", "log_line", "tcp"]

    /// Decodes `{"fd"|"log_line"|"tcp","timeout"}`.
    init(_ field: Field) throws(Failure) {
        let fields = try field.object(of: Self.signs + ["timeout"])
        self.init(sign: try Self.sign(fields))
        timeout = try fields["timeout"]?.period() ?? timeout
    }

    private static func sign(_ fields: Field) throws(Failure) -> Sign {
        let (kind, field) = try fields.only(of: signs)
        switch kind {
        case "fd": return .descriptor(Int32(try field.whole(in: 3...Limits.readyDescriptor)))
        case "tcp": return .tcp(try Endpoint(field))
        default:
            let text = try field.string(bytes: 1...Limits.readyLine)
            guard !text.utf8.contains(UInt8(ascii: "\n")) else { throw field.invalid("part of one line") }
            return .logLine(text)
        }
    }

    var json: JSON {
        var members = Members()
        switch sign {
        case .descriptor(let number): members.add("fd", .number(number))
        case .logLine(let text): members.add("log_line", .string(text))
        case .tcp(let endpoint): members.add("tcp", .string("\(endpoint)"))
        }
        members.add("timeout", timeout, unless: Limits.readyTimeout)
        return members.json
    }
}
