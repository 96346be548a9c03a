import Testing

@testable import Model

/// Text from other programs in a line of a log.
struct OneLineTests {
    @Test(arguments: [
        ("sleep", "sleep"), ("a\nb: FORGED", "a\\nb: FORGED"), ("\t", "\\t"), ("\u{1B}[31m", "\\u{1b}[31m"),
        ("\r\u{0}", "\\u{d}\\u{0}"), ("é 漢 🐟", "é 漢 🐟"), ("\u{202E}x\u{2028}", "\\u{202e}x\\u{2028}"),
        ("\u{85}", "\\u{85}"),
        ("", ""),
    ])
    func `control characters are escaped, and nothing else`(text: String, line: String) {
        #expect(text.inOneLine == line)
    }
}
