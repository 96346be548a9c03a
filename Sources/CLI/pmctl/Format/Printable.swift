import Model

/// Text from the bus made safe and measurable for a terminal.
enum Printable {
    /// One line: control characters, with which a command line could write over others' terminals, are spelt out.
    static func line(_ text: String) -> String { text.inOneLine }

    /// A line of a log: the same, but for tabs, which do no harm.
    static func logLine(_ text: String) -> String {
        text.split(separator: "\t", omittingEmptySubsequences: false).map { line(String($0)) }.joined(separator: "\t")
    }

    /// Columns of a terminal that `text` takes.
    static func width(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.reduce(0) { $0 + width($1) }
    }

    /// The beginning of `text` that fits into `limit` columns, with an ellipsis when it is not all of it.
    static func cut(_ text: String, to limit: Int) -> String {
        guard width(text) > limit else { return text }
        var rest = limit - 1
        return text.prefix { character in
            rest -= width(character)
            return rest >= 0
        } + "…"
    }

    private static func width(_ character: Character) -> Int {
        character.unicodeScalars.contains { $0.properties.isEmojiPresentation || isWide($0) } ? 2 : 1
    }

    /// The blocks of East Asian scripts, whose characters take two columns (Unicode Standard Annex 11).
    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x2_0000...0x3_FFFD:
            true
        default: false
        }
    }
}
