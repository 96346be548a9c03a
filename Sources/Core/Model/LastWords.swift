/// The last line of a program's output, as one printable line for people.
package enum LastWords {
    /// - Parameter limit: maximum length in bytes; a longer line is cut.
    /// - Returns: nil when no line has printable text.
    package static func of(_ output: [UInt8], limit: Int) -> String? {
        for line in output.split(separator: UInt8(ascii: "\n")).reversed() {
            let words = printable(String(decoding: line, as: UTF8.self)).split(separator: " ").joined(separator: " ")
            if !words.isEmpty { return cut(words, limit) }
        }
        return nil
    }

    /// Replaces what a terminal would interpret, escape sequences (ECMA-48 section 5.4) and control characters, with
    /// spaces.
    private static func printable(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            if scalar == "\u{1B}", rest.first == "[" {
                rest = rest.dropFirst().drop { !(0x40...0x7E).contains($0.value) }.dropFirst()
            } else if isShown(scalar) {
                result.append(scalar)
            } else {
                result.append(" ")
            }
        }
        return String(result)
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }

    private static func cut(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var kept = String.UnicodeScalarView()
        var room = limit - "…".utf8.count
        for scalar in text.unicodeScalars {
            room -= UTF8.width(scalar)
            if room < 0 { break }
            kept.append(scalar)
        }
        return String(kept) + "…"
    }
}
