import func Glibc.memcmp

/// Reads the last member of a JSON object backwards, so that a long request that ends with its host's name need not be
/// scanned.
///
/// In valid JSON the last `}` closes the outermost object, so the last member precedes it. The quotes that are found
/// are not escaped ones: a colon and a comma precede the opening ones, a plain character precedes the closing ones.
struct LastMember {
    private let start: UnsafePointer<UInt8>
    /// Offset after the next byte to read.
    private var end: Int

    /// The content of the last member's value, if it is a string and the member is named `first` or `second`.
    static func string(
        _ first: StaticString, or second: StaticString, _ start: UnsafePointer<UInt8>, _ count: Int
    ) -> TopLevelScan.Match? {
        var reader = LastMember(start: start, end: count)
        guard reader.skip("}"), let value = reader.plainString(), reader.skip(":"), let key = reader.plainString(),
            reader.skip(",")
        else { return nil }
        if reader.isEqual(key, first) { return .first(value) }
        if reader.isEqual(key, second) { return .second(value) }
        return nil
    }

    private init(start: UnsafePointer<UInt8>, end: Int) {
        self.start = start
        self.end = end
    }

    private var last: UInt8? { end > 0 ? start[end &- 1] : nil }

    /// Skips white space and then this byte, backwards; false if another byte precedes.
    private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        while let byte = last, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { end &-= 1 }
        guard let byte = last, byte == UInt8(ascii: scalar) else { return false }
        end &-= 1
        return true
    }

    /// The content of a short string without escapes; the longest name has 63 bytes.
    private mutating func plainString() -> Range<Int>? {
        guard skip("\"") else { return nil }
        let upper = end
        while let byte = last, byte != UInt8(ascii: "\\"), byte >= 0x20, upper &- end <= 64 {
            end &-= 1
            if byte == UInt8(ascii: "\"") { return end &+ 1..<upper }
        }
        return nil
    }

    private func isEqual(_ range: Range<Int>, _ text: StaticString) -> Bool {
        range.count == text.utf8CodeUnitCount && memcmp(start + range.lowerBound, text.utf8Start, range.count) == 0
    }
}
