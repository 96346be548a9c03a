extension JSON {
    /// Parses a text that others have written, without the padding around it.
    package static func parse(
        padded bytes: Span<UInt8>, sizeLimit: Int, nestingLimit: Int
    ) throws(JSONError) -> JSON {
        try parse(bytes.extracting(content(of: bytes)), sizeLimit: sizeLimit, nestingLimit: nestingLimit)
    }

    /// The range of the text in a message or a file, without a byte order mark before it and NULs behind it: editors
    /// and C programs add them.
    package static func content(of bytes: Span<UInt8>) -> Range<Int> {
        let isMarked = bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
        let start = isMarked ? 3 : 0
        var end = bytes.count
        // White space behind the last NUL belongs to the padding, and white space before the first to the text.
        for index in stride(from: bytes.count - 1, through: start, by: -1) {
            switch bytes[index] {
            case 0: end = index
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): continue
            default: return start..<end
            }
        }
        return start..<end
    }
}
