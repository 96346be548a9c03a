extension String {
    /// The text as one line: control characters are spelt out. Names of processes and topics may hold any, and a line of a
    /// log or of a terminal is forged with them.
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
        // Most are ASCII, for which no table is needed.
        if scalar.value < 0x7F { return scalar.value < 0x20 }
        switch scalar.properties.generalCategory {
        // Format characters turn the direction of writing around.
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }
}
