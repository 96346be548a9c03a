import Testing

@testable import pmctl

struct PrintableTests {
    @Test(arguments: [
        ("plain text", "plain text"), ("a\nb\tc", "a\\nb\\tc"), ("\u{1B}[2Jgone", "\\u{1b}[2Jgone"),
        ("\u{9B}31m", "\\u{9b}31m"), ("exe\u{202E}txt", "exe\\u{202e}txt"), ("é 日本", "é 日本"),
    ])
    func `text from the bus cannot control the terminal`(text: String, line: String) {
        #expect(Printable.line(text) == line)
    }

    @Test(arguments: [("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("🚀", 2)])
    func `width is counted in terminal columns`(text: String, width: Int) { #expect(Printable.width(text) == width) }

    @Test(arguments: [("abcdef", "abcdef", 6), ("abcdef", "abcd…", 5), ("日本語", "日…", 4), ("ab", "…", 1)])
    func `text is cut to the limit`(text: String, cut: String, limit: Int) {
        #expect(Printable.cut(text, to: limit) == cut)
        #expect(Printable.width(cut) <= limit)
    }
}
