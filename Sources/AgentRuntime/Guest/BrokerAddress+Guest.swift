import JSONCodec
import MQTTTransport
import Model

/// What nodes and guests are told of the way to the broker.
extension BrokerAddress {
    var target: StreamTarget {
        switch endpoint {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .unix(let path): .unix(path: path)
        }
    }

    /// `user:password@` as a URL has it, or nothing.
    var credentials: String {
        guard let user else { return "" }
        return Self.encoded(user) + (password.map { ":\(Self.encoded($0))" } ?? "") + "@"
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { encoded, byte in
            let character = Character(Unicode.Scalar(byte))
            let isPlain = byte < 0x80 && (character.isLetter || character.isNumber)
            encoded += isPlain ? "\(character)" : "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
        }
    }

    /// As the configuration of an agent of this machine has it.
    var members: [JSON.Member] { values.map { JSON.Member($0.name, .string($0.value)) } }
}
