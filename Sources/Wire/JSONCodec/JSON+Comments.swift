extension JSON {
    /// Replaces by spaces what people write into settings files beside JSON: `//` and the rest of the line, and a comma
    /// behind the last member or element. All other bytes keep their offsets. Strings are not changed.
    package static func blankComments(in text: inout [UInt8]) {
        var index = 0
        // The last byte that is neither space nor comment, and its offset if it is a comma behind a value.
        var last = UInt8(ascii: "[")
        var comma: Int?
        while index < text.count {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
                index += 1
                continue
            case UInt8(ascii: "/") where index + 1 < text.count && text[index + 1] == byte:
                while index < text.count, text[index] != UInt8(ascii: "\n") {
                    text[index] = UInt8(ascii: " ")
                    index += 1
                }
                continue
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if let comma { text[comma] = UInt8(ascii: " ") }
            default: break
            }
            let isBehindValue = ![UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ",")].contains(last)
            comma = byte == UInt8(ascii: ",") && isBehindValue ? index : nil
            index = byte == UInt8(ascii: "\"") ? end(ofString: index, in: text) : index + 1
            last = byte
        }
    }

    /// - Returns: the offset behind the closing quotation mark, or of the end of the text.
    private static func end(ofString start: Int, in text: [UInt8]) -> Int {
        var index = start + 1
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "\""): return index + 1
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
        }
        return text.count
    }
}
