import Glibc

/// Finds a string member at the top level of a JSON object without building a tree: no allocation, and it stops at the
/// value.
///
/// It does not validate: it steps over what it does not need. Whatever it is not sure about it leaves to
/// ``JSON/parse(_:sizeLimit:nestingLimit:)``.
package struct TopLevelScan: ~Escapable {
    private let bytes: Span<UInt8>
    private let nestingLimit: Int
    private var position = 0

    @_lifetime(copy bytes)
    private init(_ bytes: Span<UInt8>, nestingLimit: Int) {
        self.bytes = bytes
        self.nestingLimit = nestingLimit
    }

    package enum Match: Equatable, Sendable {
        /// The bytes between the value's quotes.
        case first(Range<Int>)
        case second(Range<Int>)
    }

    /// The value of the member called `first` or `second`, whichever comes first.
    ///
    /// Nil when there is none, and for everything unusual: an escape in a key or in the value, a value that is no
    /// string, a text that is no object or that ends too early, more than `nestingLimit` levels.
    package static func string(
        _ first: StaticString, or second: StaticString, in bytes: Span<UInt8>, nestingLimit: Int
    ) -> Match? {
        var scan = TopLevelScan(bytes, nestingLimit: nestingLimit)
        return scan.find(first, second)
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func find(_ first: StaticString, _ second: StaticString) -> Match? {
        guard skip(UInt8(ascii: "{")) else { return nil }
        repeat {
            guard let key = plainString(), skip(UInt8(ascii: ":")) else { return nil }
            if isEqual(key, first) { return plainString().map { .first($0) } }
            if isEqual(key, second) { return plainString().map { .second($0) } }
            guard skipValue() else { return nil }
        } while skip(UInt8(ascii: ","))
        return nil
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        skipSpace()
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// The content of a string without escapes.
    private mutating func plainString() -> Range<Int>? {
        guard skip(UInt8(ascii: "\"")) else { return nil }
        let start = position
        while let byte = next, byte != UInt8(ascii: "\\"), byte >= 0x20 {
            position += 1
            if byte == UInt8(ascii: "\"") { return start..<position - 1 }
        }
        return nil
    }

    private func isEqual(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for (offset, index) in range.enumerated() where bytes[index] != text.utf8Start[offset] { return false }
        return true
    }

    private mutating func skipValue() -> Bool {
        skipSpace()
        switch next {
        case UInt8(ascii: "\""): return skipString()
        case UInt8(ascii: "{"), UInt8(ascii: "["): return skipContainer()
        default:
            // A number or a literal ends where the caller expects its comma, or nothing is found.
            while let byte = next, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}") { position += 1 }
            return true
        }
    }

    /// To behind the quote that ends the string which begins here.
    private mutating func skipString() -> Bool {
        position += 1
        let start = position
        while let quote = index(of: UInt8(ascii: "\"")) {
            position = quote + 1
            // An even number of backslashes in front of it escape each other.
            var run = quote
            while run > start, bytes[run - 1] == UInt8(ascii: "\\") { run -= 1 }
            if (quote - run).isMultiple(of: 2) { return true }
        }
        return false
    }

    /// To behind the bracket that closes the one which begins here; which kind it is, is not looked at.
    private mutating func skipContainer() -> Bool {
        // The object around it is the first level.
        var depth = 1
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                guard skipString() else { return false }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                guard depth <= nestingLimit else { return false }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
            default: break
            }
            position += 1
            if depth == 1 { return true }
        }
        return false
    }

    private func index(of byte: UInt8) -> Int? {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, position < buffer.count else { return nil }
            return memchr(base + position, Int32(byte), buffer.count - position).map {
                $0 - UnsafeMutableRawPointer(mutating: base)
            }
        }
    }
}
