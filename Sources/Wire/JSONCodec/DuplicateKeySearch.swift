/// Finds the first key that an object has twice, in a text that is valid otherwise.
struct DuplicateKeySearch: ~Escapable {
    private let bytes: Span<UInt8>
    private var position = 0
    /// The keys of the open containers, the innermost last; an array has none.
    private var open: [Set<[UInt8]>?] = []

    @_lifetime(copy bytes)
    private init(_ bytes: Span<UInt8>) { self.bytes = bytes }

    /// The offset of the second occurrence; nil if there is none.
    static func offset(in bytes: Span<UInt8>) -> Int? {
        var search = DuplicateKeySearch(bytes)
        return search.run()
    }

    private mutating func run() -> Int? {
        // Whether a string that begins here is a key.
        var isKeyNext = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "{"):
                open.append([])
                isKeyNext = true
            case UInt8(ascii: "["):
                open.append(nil)
                isKeyNext = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                _ = open.popLast()
                isKeyNext = false
            case UInt8(ascii: ","): isKeyNext = (open.last ?? nil) != nil
            case UInt8(ascii: "\""):
                let start = position
                let text = string()
                if isKeyNext, !insert(text) { return start }
                isKeyNext = false
            default: break
            }
            position += 1
        }
        return nil
    }

    /// - Returns: whether the innermost object did not have the key.
    private mutating func insert(_ key: [UInt8]) -> Bool {
        guard let last = open.indices.last, var keys = open[last] else { return true }
        let isNew = keys.insert(key).inserted
        open[last] = keys
        return isNew
    }

    /// The content of the string at the position, as the parser reads it. The position is its last quote then.
    private mutating func string() -> [UInt8] {
        let start = position
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        // With escapes, equal keys may be written differently.
        let text = bytes.extracting(start..<min(position + 1, bytes.count))
        let value = try? JSON.parse(text, sizeLimit: text.count, nestingLimit: 1)
        return Array((value?.string ?? "").utf8)
    }
}
