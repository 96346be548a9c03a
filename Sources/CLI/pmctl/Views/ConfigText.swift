import JSONCodec

/// A value of a config as text for people: `policy always, delay 1`.
enum ConfigText {
    static func text(_ json: JSON) -> String {
        switch json {
        case .string(let text): text
        case .object(let members): members.map { "\($0.key) \(text($0.value))" }.joined(separator: ", ")
        case .array(let elements): elements.map(text).joined(separator: " ")
        default: String(decoding: json.printed(), as: UTF8.self)
        }
    }
}
