import Glibc

/// Finds a string member at the top level of a JSON object without building a tree: no allocation, and it stops at the
/// value.
///
/// It does not validate: it steps over what it does not need. Whatever it is not sure about it leaves to
/// ``JSON/parse(_:sizeLimit:nestingLimit:)``.
package struct TopLevelScan {
    /// Read through ``next`` and ``nextQuote()`` only, which know its end. (A span inside costs three times as much.)
    private let start: UnsafePointer<UInt8>
    private let count: Int
    private let nestingLimit: Int
    private var position = 0
    private var hasLookedAtEnd = false

    package enum Match: Equatable, Sendable {
        /// The bytes between the value's quotes.
        case first(Range<Int>)
        case second(Range<Int>)
    }

    /// The value of the member called `first` or `second`: the first member, else the last, else the first such one.
    ///
    /// Nil when there is none, and for everything unusual: an escape in a key or in the value, a value that is no
    /// string, a text that is no object or that ends too early, more than `nestingLimit` levels.
    package static func string(
        _ first: StaticString, or second: StaticString, in bytes: Span<UInt8>, nestingLimit: Int
    ) -> Match? {
        bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return nil }
            var scan = TopLevelScan(start: start, count: buffer.count, nestingLimit: nestingLimit)
            return scan.find(first, second)
        }
    }

    /// The value of the member called `key`, on the same terms.
    package static func string(_ key: StaticString, in bytes: Span<UInt8>, nestingLimit: Int) -> Range<Int>? {
        // A second loop for one key would save nothing: all the others are stepped over anyhow.
        switch string(key, or: key, in: bytes, nestingLimit: nestingLimit) {
        case .first(let range), .second(let range): range
        case nil: nil
        }
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

    /// To behind the colon, if the key that begins here is this one.
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

    /// The byte at the position; nil behind the end.
    @inline(__always) private var next: UInt8? { position < count ? start[position] : nil }

    /// To behind the byte, if it is what comes next but for white space.
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

    /// To behind the quote that ends the text without escapes which begins here.
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
            // A number or a literal ends where the caller expects its comma, or nothing is found.
            while let byte = next, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}") { position &+= 1 }
            return true
        }
    }

    /// To behind the quote that ends the string which begins here.
    @inline(__always) private mutating func skipString() -> Bool {
        position &+= 1
        let first = position
        while let quote = nextQuote() {
            position = quote &+ 1
            // An even number of backslashes in front of it escape each other.
            var run = quote
            while run > first, start[run &- 1] == UInt8(ascii: "\\") { run &-= 1 }
            if (quote &- run) & 1 == 0 { return true }
        }
        return false
    }

    @inline(__always) private func nextQuote() -> Int? {
        // Most strings are short: calling memchr for them costs more than it saves.
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

    /// To behind the bracket that closes the one which begins here; which kind it is, is not looked at.
    @inline(__always) private mutating func skipContainer() -> Bool {
        // The object around it is the first level.
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
