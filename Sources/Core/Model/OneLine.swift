extension String {
    /// The text with control characters escaped, so that it stays on one line. Process names and topics may contain
    /// control characters, by which a sender could forge lines of a log or a terminal.
    package var inOneLine: String {
        guard unicodeScalars.contains(where: Self.isControl) else { return self }
        return unicodeScalars.reduce(into: "") { line, scalar in
            if Self.isControl(scalar) {
                line += scalar == "\n" ? "\\n" : scalar == "\t" ? "\\t" : "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                line.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        // Most characters are ASCII and need no table.
        if scalar.value < 0x7F { return scalar.value < 0x20 }
        switch scalar.properties.generalCategory {
        // Format characters can reverse the direction of writing.
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }
}
