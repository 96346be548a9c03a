import JSONCodec

/// JSON for people: a member a line, and short lists and objects on one.
enum JSONLayout {
    /// The columns that a list or an object may take to be on one line.
    private static let width = 100

    static func text(_ json: JSON) -> String { text(json, indent: 0) }

    private static func text(_ json: JSON, indent: Int) -> String {
        let whole = line(json)
        let space = String(repeating: " ", count: indent + 2)
        let end = "\n" + String(repeating: " ", count: indent)
        switch json {
        case .object(let members) where !members.isEmpty && (indent == 0 || whole.utf8.count + indent > width):
            let lines = members.map { "\(space)\(line(.string($0.key))): \(text($0.value, indent: indent + 2))" }
            return "{\n" + lines.joined(separator: ",\n") + end + "}"
        case .array(let elements) where !elements.isEmpty && whole.utf8.count + indent > width:
            return "[\n" + elements.map { space + text($0, indent: indent + 2) }.joined(separator: ",\n") + end + "]"
        default: return whole
        }
    }

    /// With a space after colons and commas.
    private static func line(_ json: JSON) -> String {
        switch json {
        case .object(let members):
            "{" + members.map { "\(line(.string($0.key))): \(line($0.value))" }.joined(separator: ", ") + "}"
        case .array(let elements): "[" + elements.map(line).joined(separator: ", ") + "]"
        default: String(decoding: json.printed(), as: UTF8.self)
        }
    }
}
