import JSONCodec
import MQTTTransport

extension Message {
    /// An answer may list thousands of processes. A reader may be less strict than an agent that carries out requests.
    private static let sizeLimit = 64 << 20
    private static let nestingLimit = 60

    var text: String { String(decoding: payload, as: UTF8.self) }

    /// The payload; nil if it is not JSON.
    var json: JSON? { try? JSON.parse(payload.span, sizeLimit: Self.sizeLimit, nestingLimit: Self.nestingLimit) }
}
