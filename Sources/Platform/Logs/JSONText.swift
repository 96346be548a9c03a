/// A line as a JSON string, and its encoded size.
struct JSONText {
    let text: String
    /// Bytes in a JSON array, including quotes and comma.
    let cost: Int

    private static let frame = 3

    init(_ line: ArraySlice<UInt8>) {
        text = LogText.text(of: line)
        cost = text.unicodeScalars.reduce(Self.frame) { $0 + Self.cost($1) }
    }

    /// The longest end of the line that fits into `limit` bytes.
    func suffix(_ limit: Int) -> String {
        var room = limit - Self.frame
        let scalars = text.unicodeScalars
        var start = scalars.endIndex
        while start > scalars.startIndex {
            let before = scalars.index(before: start)
            room -= Self.cost(scalars[before])
            if room < 0 { break }
            start = before
        }
        return String(scalars[start...])
    }

    /// The bytes of a character as cJSON prints it.
    private static func cost(_ scalar: Unicode.Scalar) -> Int {
        switch scalar {
        case "\"", "\\", "\u{8}", "\t", "\n", "\u{C}", "\r": 2
        case "\u{0}"..<" ": 6
        default: UTF8.width(scalar)
        }
    }
}
