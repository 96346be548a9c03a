/// A key that `pmctl top` knows.
enum TopKey: Equatable {
    case sort(TopOrder.Column)
    case reverse, quit, up, down, pageUp, pageDown, first, last

    /// The keys in what a terminal has sent. Unknown ones are left out.
    static func parse(_ bytes: [UInt8]) -> [TopKey] {
        var keys: [TopKey] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == 0x1B, let next = rest.first, next == UInt8(ascii: "[") || next == UInt8(ascii: "O") {
                rest.removeFirst()
                // ECMA-48: parameters, and one byte that ends the sequence.
                let parameters = rest.prefix { (0x20...0x3F).contains($0) }
                rest = rest.dropFirst(parameters.count)
                if let end = rest.popFirst(), let key = escape(parameters, end) { keys.append(key) }
            } else if let key = plain(byte) {
                keys.append(key)
            }
        }
        return keys
    }

    private static func escape(_ parameters: ArraySlice<UInt8>, _ end: UInt8) -> TopKey? {
        switch (String(decoding: parameters, as: UTF8.self), Character(Unicode.Scalar(end))) {
        case ("", "A"): .up
        case ("", "B"): .down
        case ("", "H"), ("1", "~"), ("7", "~"): .first
        case ("", "F"), ("4", "~"), ("8", "~"): .last
        case ("5", "~"): .pageUp
        case ("6", "~"): .pageDown
        default: nil
        }
    }

    private static func plain(_ byte: UInt8) -> TopKey? {
        let key = Character(Unicode.Scalar(byte))
        switch key {
        case "q", "Q": return .quit
        case "r", "R": return .reverse
        case "k": return .up
        case "j": return .down
        case " ": return .pageDown
        case "g": return .first
        case "G": return .last
        default: return TopOrder.Column.allCases.first { $0.key == key }.map { .sort($0) }
        }
    }
}
