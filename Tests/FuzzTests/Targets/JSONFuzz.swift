import JSONCodec
import Model

/// What is parsed comes back from its own text, and no limit can be passed.
enum JSONFuzz {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        let json: JSON
        do {
            json = try JSON.parse(bytes.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting)
        } catch {
            // A wider limit changes nothing about what is wrong with it.
            if case .tooDeep = error { return }
            return try hold(JSON.read(bytes, nestingLimit: 63) == nil, "\(error), but not with more levels")
        }
        try hold(json.depth <= Limits.nesting, "\(json.depth) levels")
        try hold(isRefused(bytes, sizeLimit: bytes.count - 1), "a byte over the limit is taken")
        if json.depth > 0 { try hold(isRefused(bytes, nestingLimit: json.depth - 1), "a level too much is taken") }
        try hold(!isRefused(bytes, nestingLimit: json.depth), "\(json.depth) levels are refused as too many")
        try hold(!bytes.contains(0) && !Self.text(json).utf8.contains(0), "a NUL is taken")
        guard json.isFinite else { return }
        let printed = json.printed()
        let back = try need(JSON.read(printed), "its text is refused: \(String(decoding: printed, as: UTF8.self))")
        try hold(back.isSame(as: json), "\(back) is not \(json)")
        try hold(back.printed() == printed, "it is printed in two ways")
        try hold(JSON.raw(String(decoding: bytes, as: UTF8.self)).printed() == bytes, "raw text is changed")
    }

    private static func isRefused(
        _ bytes: [UInt8], sizeLimit: Int = .max, nestingLimit: Int = Limits.nesting
    ) -> Bool {
        (try? JSON.parse(bytes.span, sizeLimit: sizeLimit, nestingLimit: nestingLimit)) == nil
    }

    /// All strings of it.
    private static func text(_ json: JSON) -> String {
        switch json {
        case .null, .bool, .number: ""
        case .string(let text), .raw(let text): text
        case .array(let elements): elements.map(text).joined()
        case .object(let members): members.map { $0.key + text($0.value) }.joined()
        }
    }
}
