import Glibc

/// The last member of a JSON object, read backwards: a long request that ends with its host's name is not stepped through.
///
/// In valid JSON the last `}` closes the outermost object, so what stands before it is its last member. Its quotes are no
/// escaped ones: before the opening ones a colon and a comma stand, before the closing ones a plain character.
struct LastMember {
    private let start: UnsafePointer<UInt8>
    /// Behind the byte that is looked at next.
    private var end: Int

    /// The content of the string value of the last member, when that is called `first` or `second`.
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

    /// To before the byte, if it is what comes before but for white space.
    private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        while let byte = last, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { end &-= 1 }
        guard let byte = last, byte == UInt8(ascii: scalar) else { return false }
        end &-= 1
        return true
    }

    /// The content of a short string without escapes: no name is longer than 63 bytes.
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
