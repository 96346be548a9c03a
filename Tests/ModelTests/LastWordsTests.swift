import Model
import Testing

/// The last line of an output, for people.
struct LastWordsTests {
    @Test(
        arguments: [
            ("", nil), ("\n\n", nil), (" \t\r\n", nil), ("one", "one"), ("one\ntwo\n", "two"), ("one\n\n \n", "one"),
            ("a\tb\rc", "a b c"), ("\u{1B}[1;31mred\u{1B}[0m", "red"), ("\u{1B}[31", nil), ("\u{7}bell\u{0}", "bell"),
            ("right\u{202E}left", "right left"), ("\u{9B}31mC1", "31mC1"), ("é€😀", "é€😀"),
        ] as [(String, String?)])
    func `the last line with printable text is returned`(output: String, words: String?) {
        #expect(LastWords.of(Array(output.utf8), limit: 100) == words)
    }

    @Test(arguments: [(10, "0123456789"), (9, "012345…"), (4, "0…"), (3, "…")])
    func `a longer line is cut`(limit: Int, words: String) {
        #expect(LastWords.of(Array("0123456789".utf8), limit: limit) == words)
    }

    @Test func `no character is split`() {
        #expect(LastWords.of(Array("ééééé".utf8), limit: 8) == "éé…")
    }

    @Test func `invalid bytes are replaced and the rest is shown`() {
        #expect(LastWords.of([0x61, 0xFF, 0x62], limit: 10) == "a\u{FFFD}b")
    }
}
