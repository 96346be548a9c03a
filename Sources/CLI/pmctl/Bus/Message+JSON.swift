import JSONCodec
import MQTTTransport

extension Message {
    /// An answer may list thousands of processes; a reader need not be as strict as who obeys.
    private static let sizeLimit = 64 << 20
    private static let nestingLimit = 60

    var text: String { String(decoding: payload, as: UTF8.self) }

    /// The payload when it is JSON.
    var json: JSON? { try? JSON.parse(payload.span, sizeLimit: Self.sizeLimit, nestingLimit: Self.nestingLimit) }
}
