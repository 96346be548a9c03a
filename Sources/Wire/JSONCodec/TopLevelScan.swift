import func Glibc.memcmp
import func Glibc.memchr

/// Finds a string member at the top level of a JSON object without building a tree. It allocates nothing, and stops at
/// the value.
///
/// The hub uses it for each request, so it is optimised for speed. It does not validate: it only skips other members.
/// For anything unusual it finds nothing, and the caller falls back to ``JSON/parse(_:sizeLimit:nestingLimit:)``.
package struct TopLevelScan {
    /// Read only through ``next`` and ``nextQuote()``, which check the bounds. (A span as a member takes three times as
    /// long.)
    private let start: UnsafePointer<UInt8>
    private let count: Int
    private let nestingLimit: Int
    private var position = 0
    private var hasLookedAtEnd = false

    package enum Match: Equatable, Sendable {
        /// The range of the bytes between the value's quotes.
        case first(Range<Int>)
        case second(Range<Int>)
    }

    /// The value of the member named `first` or `second`. The first member is checked first, then the last one, then
    /// the others in order.
    ///
    /// Nil when there is no such member, and for anything unusual: an escape in a key or in the value, a value that is
    /// not a string, a text that is not an object or that ends too early, more than `nestingLimit` levels.
    package static func string(
        _ first: StaticString, or second: StaticString, in bytes: Span<UInt8>, nestingLimit: Int
    ) -> Match? {
        bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return nil }
            var scan = TopLevelScan(start: start, count: buffer.count, nestingLimit: nestingLimit)
            return scan.find(first, second)
        }
    }

    /// The value of the member named `key`, with the same restrictions.
    package static func string(_ key: StaticString, in bytes: Span<UInt8>, nestingLimit: Int) -> Range<Int>? {
        // A separate loop for one key would not be faster, because the other members must be skipped anyway.
        switch string(key, or: key, in: bytes, nestingLimit: nestingLimit) {
        case .first(let range), .second(let range): range
        case nil: nil
        }
    }

    /// The value of the first member named `key`, if it is a number; the same restrictions hold for all members before.
    package static func number(_ key: StaticString, in bytes: Span<UInt8>, nestingLimit: Int) -> Double? {
        bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return nil }
            var scan = TopLevelScan(start: start, count: buffer.count, nestingLimit: nestingLimit)
            return scan.findNumber(key)
        }
    }

    private mutating func findNumber(_ key: StaticString) -> Double? {
        guard skip(UInt8(ascii: "{")) else { return nil }
        repeat {
            guard skip(UInt8(ascii: "\"")) else { return nil }
            if skipKey(key) {
                skipSpace()
                let first = position
                guard skipValue() else { return nil }
                let text = UnsafeBufferPointer(start: start + first, count: position &- first)
                return Double(String(decoding: text, as: UTF8.self))
            }
            guard skipPlainText() != nil, skip(UInt8(ascii: ":")), skipValue() else { return nil }
        } while skip(UInt8(ascii: ","))
        return nil
    }

    private init(start: UnsafePointer<UInt8>, count: Int, nestingLimit: Int) {
        self.start = start
        self.count = count
        self.nestingLimit = nestingLimit
    }

    private mutating func find(_ first: StaticString, _ second: StaticString) -> Match? {
        guard skip(UInt8(ascii: "{")) else { return nil }
        repeat {
            guard skip(UInt8(ascii: "\"")) else { return nil }
            if skipKey(first) { return plainString().map { .first($0) } }
            if skipKey(second) { return plainString().map { .second($0) } }
            if !hasLookedAtEnd, let match = LastMember.string(first, or: second, start, count) { return match }
            hasLookedAtEnd = true
            guard skipPlainText() != nil, skip(UInt8(ascii: ":")), skipValue() else { return nil }
        } while skip(UInt8(ascii: ","))
        return nil
    }

    /// Skips the key that begins here and its colon, if it is this key.
    @inline(__always) private mutating func skipKey(_ key: StaticString) -> Bool {
        let length = key.utf8CodeUnitCount
        guard count &- position > length, memcmp(start + position, key.utf8Start, length) == 0,
            start[position &+ length] == UInt8(ascii: "\"")
        else { return false }
        let before = position
        position &+= length &+ 1
        if skip(UInt8(ascii: ":")) { return true }
        position = before
        return false
    }

    /// The byte at the position; nil at the end.
    @inline(__always) private var next: UInt8? { position < count ? start[position] : nil }

    /// Skips white space and then this byte; false if another byte follows.
    @inline(__always) private mutating func skip(_ byte: UInt8) -> Bool {
        skipSpace()
        guard next == byte else { return false }
        position &+= 1
        return true
    }

    @inline(__always) private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position &+= 1 }
    }

    /// The content of a string without escapes.
    @inline(__always) private mutating func plainString() -> Range<Int>? {
        skip(UInt8(ascii: "\"")) ? skipPlainText() : nil
    }

    /// Skips the rest of a string without escapes, including the closing quote.
    @inline(__always) private mutating func skipPlainText() -> Range<Int>? {
        guard let quote = nextQuote(), memchr(start + position, Int32(UInt8(ascii: "\\")), quote &- position) == nil
        else { return nil }
        defer { position = quote &+ 1 }
        return position..<quote
    }

    @inline(__always) private mutating func skipValue() -> Bool {
        skipSpace()
        switch next {
        case UInt8(ascii: "\""): return skipString()
        case UInt8(ascii: "{"), UInt8(ascii: "["): return skipContainer()
        default:
            // A number or a literal ends at a comma or a brace. If the text is invalid, the caller finds nothing.
            while let byte = next, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}") { position &+= 1 }
            return true
        }
    }

    /// Skips a string, including the closing quote.
    @inline(__always) private mutating func skipString() -> Bool {
        position &+= 1
        let first = position
        while let quote = nextQuote() {
            position = quote &+ 1
            // The quote is not escaped if it follows an even number of backslashes.
            var run = quote
            while run > first, start[run &- 1] == UInt8(ascii: "\\") { run &-= 1 }
            if (quote &- run) & 1 == 0 { return true }
        }
        return false
    }

    @inline(__always) private func nextQuote() -> Int? {
        // Most strings are short, and for them a memchr call takes longer than this loop.
        let near = min(position &+ 16, count)
        var index = position
        while index < near {
            if start[index] == UInt8(ascii: "\"") { return index }
            index &+= 1
        }
        guard index < count else { return nil }
        let quote = memchr(start + index, Int32(UInt8(ascii: "\"")), count &- index)
        return quote.map { UnsafeRawPointer($0) - UnsafeRawPointer(start) }
    }

    /// Skips an array or an object. The kind of the brackets is not checked.
    @inline(__always) private mutating func skipContainer() -> Bool {
        // The surrounding object is level 1.
        var depth = 1
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                guard skipString() else { return false }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth &+= 1
                guard depth <= nestingLimit else { return false }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth &-= 1
            default: break
            }
            position &+= 1
            if depth == 1 { return true }
        }
        return false
    }
}
