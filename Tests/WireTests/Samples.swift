import JSONCodec
import Model
import Testing
import Wire

extension Request {
    /// Creates a request from its text.
    init(_ text: String, _ properties: MessageProperties = .init()) {
        self.init(Array(text.utf8).span, properties: properties)
    }

    var failure: Failure? {
        if case .failure(let failure) = command { failure } else { nil }
    }

    func answer(_ outcome: Outcome) throws -> JSON {
        let bytes = Response.encode(outcome, to: header).0
        return try JSON.parse(bytes.span, sizeLimit: 1 << 24, nestingLimit: 63)
    }
}

extension JSON {
    /// Members are sorted at every level, because their order does not matter.
    var sorted: JSON {
        switch self {
        case .object(let members):
            .object(members.sorted { $0.key < $1.key }.map { .init($0.key, $0.value.sorted) })
        case .array(let elements): .array(elements.map(\.sorted))
        default: self
        }
    }

    static func of(_ text: String) throws -> JSON {
        try JSON.parse(Array(text.utf8).span, sizeLimit: 1 << 24, nestingLimit: 63).sorted
    }
}
