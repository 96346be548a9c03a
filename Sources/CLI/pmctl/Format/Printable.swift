import Model

/// Makes text from the bus safe for a terminal, and measures its width.
enum Printable {
    /// `text` in one line. Control characters are escaped: a process's command line, for example, could otherwise
    /// control the terminal of the person at pmctl.
    static func line(_ text: String) -> String { text.inOneLine }

    /// A line of a log. As ``line(_:)``, but tabs are kept: they do no harm.
    static func logLine(_ text: String) -> String {
        text.split(separator: "\t", omittingEmptySubsequences: false).map { line(String($0)) }.joined(separator: "\t")
    }

    /// The terminal columns that `text` takes.
    static func width(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.reduce(0) { $0 + width($1) }
    }

    /// `text` cut to `limit` columns, with an ellipsis if it was cut.
    static func cut(_ text: String, to limit: Int) -> String {
        guard width(text) > limit else { return text }
        var rest = limit - 1
        return text.prefix { character in
            rest -= width(character)
            return rest >= 0
        } + "…"
    }

    /// As ``cut(_:to:)``, but start and end are kept: names often differ at the end.
    static func cutMiddle(_ text: String, to limit: Int) -> String {
        guard width(text) > limit else { return text }
        var room = (limit - 1) / 2
        let end = String(
            text.reversed().prefix { character in
                room -= width(character)
                return room >= 0
            }.reversed())
        return cut(text, to: limit - width(end)) + end
    }

    private static func width(_ character: Character) -> Int {
        character.unicodeScalars.contains { $0.properties.isEmojiPresentation || isWide($0) } ? 2 : 1
    }

    /// The blocks of East Asian scripts: their characters take two columns (Unicode Standard Annex 11).
    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x2_0000...0x3_FFFD:
            true
        default: false
        }
    }
}
