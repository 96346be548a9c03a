import Glibc
import Model
import Testing

struct GlobTests {
    /// All texts of these characters up to a length.
    private static func texts(of characters: String, upTo length: Int) -> [String] {
        var all = [""]
        var longest = [""]
        for _ in 0..<length {
            longest = longest.flatMap { text in characters.map { text + String($0) } }
            all += longest
        }
        return all
    }

    /// fnmatch(3) takes an unclosed `[` for itself and an empty range for nothing; these patterns are refused here.
    @Test func `every short pattern matches what fnmatch matches`() {
        let texts = Self.texts(of: "ab]-", upTo: 3)
        var refused = 0
        for pattern in Self.texts(of: "ab*?[]!-", upTo: 4) {
            guard let glob = try? Glob(pattern) else {
                refused += 1
                continue
            }
            for text in texts where glob.matches(text) != (fnmatch(pattern, text, FNM_NOESCAPE) == 0) {
                Issue.record("\(pattern) and \(text)")
            }
        }
        #expect((1..<2_000).contains(refused))
    }

    @Test(arguments: [
        ("edge-*", "edge-1", true), ("edge-*", "edge-", true), ("edge-*", "Edge-1", false), ("edge-*", "edge", false),
        ("*-1", "edge-1-1", true), ("*a*b*", "xxaxxbxx", true), ("*a*b*", "xxbxxaxx", false), ("***", "", true),
        ("edge-[0-9]", "edge-7", true), ("edge-[0-9]", "edge-17", false), ("edge-[!0-9]*", "edge-x1", true),
        ("[]]", "]", true), ("[!]]", "]", false), ("[a-]", "-", true), ("a]b", "a]b", true), ("?", "é", true),
        ("caf?", "cafe\u{301}", false), ("[à-ü]", "é", true), ("", "", true), ("", "a", false),
        (#"a\*"#, #"a\b"#, true),
    ])
    func `a pattern matches the whole text`(pattern: String, text: String, isMatch: Bool) throws {
        #expect(try Glob(pattern).matches(text) == isMatch)
    }

    @Test(arguments: ["[", "a[", "[]", "[!", "[!]", "[a", "[z-a]", "[a-z][", "[9-0]"])
    func `an unclosed set and an empty range are refused`(pattern: String) {
        let error = #expect(throws: Failure.self) { try Glob(pattern) }
        #expect(error?.code == .invalidArgument && error?.detail.contains("\"\(pattern)\"") == true)
    }

    @Test func `many stars on a long text do not take exponential time`() throws {
        let glob = try Glob(String(repeating: "a*", count: 60) + "b")
        #expect(!glob.matches(String(repeating: "a", count: 4_000)))
    }

    @Test(arguments: [
        ("web", false), ("web-*", true), ("web?", true), ("[w]eb", true), ("w]b", false), ("!web", false),
    ])
    func `a pattern is told from a plain text`(text: String, isPattern: Bool) {
        #expect(Glob.isPattern(text) == isPattern)
    }
}
