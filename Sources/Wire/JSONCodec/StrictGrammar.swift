/// Rejects what cJSON accepts although it is not exactly one JSON value of RFC 8259 in UTF-8: NUL characters, too deep
/// nesting, trailing text and other deviations.
///
/// ``JSON/parse(_:sizeLimit:nestingLimit:)`` runs it before cJSON builds the tree, so that cJSON sees only valid text.
/// It reads the text once, without recursion and without allocation; open containers are kept as bits of an integer.
struct StrictGrammar: ~Escapable {
    private let bytes: Span<UInt8>
    private let nestingLimit: Int
    private var position = 0

    /// - Parameter nestingLimit: levels of arrays and objects, at most 63.
    @_lifetime(copy bytes)
    private init(_ bytes: Span<UInt8>, nestingLimit: Int) {
        self.bytes = bytes
        self.nestingLimit = min(nestingLimit, 63)
    }

    /// Throws if `bytes` is not exactly one JSON value.
    static func check(_ bytes: Span<UInt8>, nestingLimit: Int) throws(JSONError) {
        guard (try? UTF8Span(validating: bytes)) != nil else { throw .invalidUTF8 }
        var grammar = StrictGrammar(bytes, nestingLimit: nestingLimit)
        try grammar.document()
    }

    /// The offset of the byte at which ``check(_:nestingLimit:)`` fails; nil if the text passes.
    static func offsetOfError(in bytes: Span<UInt8>, nestingLimit: Int) -> Int? {
        do throws(UTF8.ValidationError) { _ = try UTF8Span(validating: bytes) } catch {
            return error.byteOffsets.lowerBound
        }
        var grammar = StrictGrammar(bytes, nestingLimit: nestingLimit)
        do throws(JSONError) { try grammar.document() } catch { return grammar.position }
        return nil
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func document() throws(JSONError) {
        // The open containers, one bit each, the innermost in the lowest bit: 1 is an object, 0 an array.
        var isObject: UInt64 = 0
        var depth = 0
        skipSpace()
        guard next != nil else { throw .empty }
        repeat {
            // A value starts here.
            switch next {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth < nestingLimit else { throw .tooDeep(limit: nestingLimit) }
                let opensObject = next == UInt8(ascii: "{")
                position += 1
                isObject = isObject << 1 | (opensObject ? 1 : 0)
                depth += 1
                skipSpace()
                if next == (opensObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    position += 1
                    isObject >>= 1
                    depth -= 1
                } else {
                    if opensObject { try key() }
                    continue
                }
            case UInt8(ascii: "\""): try string()
            case UInt8(ascii: "t"): try literal("true")
            case UInt8(ascii: "f"): try literal("false")
            case UInt8(ascii: "n"): try literal("null")
            default: try number()
            }
            // A value has ended: close the containers that end with it.
            skipSpace()
            while depth > 0, next == (isObject & 1 == 1 ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                position += 1
                isObject >>= 1
                depth -= 1
                skipSpace()
            }
            if depth > 0 {
                try expect(UInt8(ascii: ","))
                skipSpace()
                if isObject & 1 == 1 { try key() }
            }
        } while depth > 0
        guard next == nil else { throw unexpected }
    }

    private var unexpected: JSONError { next == 0 ? .nulCharacter : .unexpected(offset: position) }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard next == byte else { throw unexpected }
        position += 1
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func literal(_ text: StaticString) throws(JSONError) {
        for offset in 0..<text.utf8CodeUnitCount { try expect(text.utf8Start[offset]) }
    }

    private mutating func key() throws(JSONError) {
        try string()
        skipSpace()
        try expect(UInt8(ascii: ":"))
        skipSpace()
    }

    private mutating func string() throws(JSONError) {
        try expect(UInt8(ascii: "\""))
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"): try escape()
            case 0..<0x20: throw unexpected
            default: position += 1
            }
        }
        throw unexpected
    }

    private mutating func escape() throws(JSONError) {
        position += 1
        switch next {
        case UInt8(ascii: "u"):
            let unit = try codeUnit()
            guard unit != 0 else { throw .nulCharacter }
            // An unpaired surrogate is not a character (RFC 8259 section 8.2).
            if unit & 0xFC00 == 0xD800 {
                try expect(UInt8(ascii: "\\"))
                guard next == UInt8(ascii: "u"), try codeUnit() & 0xFC00 == 0xDC00 else { throw unexpected }
            } else if unit & 0xFC00 == 0xDC00 {
                throw unexpected
            }
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        default: throw unexpected
        }
    }

    /// `u` and four hexadecimal digits.
    private mutating func codeUnit() throws(JSONError) -> UInt32 {
        position += 1
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Self.hexadecimal(byte) else { throw unexpected }
            unit = unit << 4 | digit
            position += 1
        }
        return unit
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    private mutating func number() throws(JSONError) {
        if next == UInt8(ascii: "-") { position += 1 }
        if next == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if next == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        guard position > start else { throw unexpected }
    }
}
