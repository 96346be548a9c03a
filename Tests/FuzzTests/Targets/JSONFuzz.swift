import JSONCodec
import Model

/// A parsed value is equal after printing and parsing, and the limits are enforced exactly.
enum JSONFuzz {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        let json: JSON
        do {
            json = try JSON.parse(bytes.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting)
        } catch {
            // Any other error must remain with a higher limit.
            if case .tooDeep = error { return }
            return try hold(JSON.read(bytes, nestingLimit: 63) == nil, "\(error), but accepted with more levels")
        }
        try hold(json.depth <= Limits.nesting, "\(json.depth) levels")
        try hold(isRefused(bytes, sizeLimit: bytes.count - 1), "a text one byte over the limit is accepted")
        if json.depth > 0 { try hold(isRefused(bytes, nestingLimit: json.depth - 1), "a level too many is accepted") }
        try hold(!isRefused(bytes, nestingLimit: json.depth), "\(json.depth) levels are refused below the limit")
        try hold(!bytes.contains(0) && !Self.text(json).utf8.contains(0), "a NUL is accepted")
        guard json.isFinite else { return }
        let printed = json.printed()
        let back = try need(JSON.read(printed), "its text is rejected: \(String(decoding: printed, as: UTF8.self))")
        try hold(back.isSame(as: json), "\(back) is not \(json)")
        try hold(back.printed() == printed, "it is printed differently the second time")
        try hold(JSON.raw(String(decoding: bytes, as: UTF8.self)).printed() == bytes, "raw text is changed")
    }

    private static func isRefused(
        _ bytes: [UInt8], sizeLimit: Int = .max, nestingLimit: Int = Limits.nesting
    ) -> Bool {
        (try? JSON.parse(bytes.span, sizeLimit: sizeLimit, nestingLimit: nestingLimit)) == nil
    }

    /// All strings in it.
    private static func text(_ json: JSON) -> String {
        switch json {
        case .null, .bool, .number: ""
        case .string(let text), .raw(let text): text
        case .array(let elements): elements.map(text).joined()
        case .object(let members): members.map { $0.key + text($0.value) }.joined()
        }
    }
}
