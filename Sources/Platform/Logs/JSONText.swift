/// A line as a string of JSON, and what it takes there.
struct JSONText {
    let text: String
    /// Bytes, quotes and comma included.
    let cost: Int

    private static let frame = 3

    init(_ line: ArraySlice<UInt8>) {
        text = LogText.text(of: line)
        cost = text.unicodeScalars.reduce(Self.frame) { $0 + Self.cost($1) }
    }

    /// The end of the line, as much as `limit` bytes hold.
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

    /// As cJSON prints it.
    private static func cost(_ scalar: Unicode.Scalar) -> Int {
        switch scalar {
        case "\"", "\\", "\u{8}", "\t", "\n", "\u{C}", "\r": 2
        case "\u{0}"..<" ": 6
        default: UTF8.width(scalar)
        }
    }
}
