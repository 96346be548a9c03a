import Model
import TestSupport
import Testing
import Wire

struct ShellWordsTests {
    @Test(
        arguments: [
            ("", []), ("   \t\n ", []), ("a", ["a"]), (" a  b\tc\nd ", ["a", "b", "c", "d"]), ("''", [""]),
            ("\"\"", [""]),
            ("'' \"\" a", ["", "", "a"]), ("a''b", ["ab"]), ("'a b' \"c d\"", ["a b", "c d"]),
            ("a'b c'd\"e f\"g", ["ab cde fg"]),
            (#"a\ b"#, ["a b"]), (#"\a\\\'\""#, [#"a\'""#]), (#"'\a\'"#, [#"\a\"#]), (#""\a\\\"\$\`""#, [#"\a\"$`"#]),
            ("a\\\nb", ["ab"]), ("\"a\\\nb\"", ["ab"]), ("'a\\\nb'", ["a\\\nb"]), ("\\\n", []),
            ("a \\\n b", ["a", "b"]),
            ("'\"'", ["\""]), ("\"'\"", ["'"]),
            ("$HOME *.c ~ `id` $(id) ; & | > <", ["$HOME", "*.c", "~", "`id`", "$(id)", ";", "&", "|", ">", "<"]),
            ("a#b #c", ["a#b", "#c"]), ("é '€ 😀'", ["é", "€ 😀"]), ("a\rb", ["a\rb"]),
            ("'a\u{301}' '\u{301}b'", ["a\u{301}", "\u{301}b"]),
        ] as [(String, [String])])
    func `a line is split by the POSIX rules`(line: String, words: [String]) throws {
        #expect(try ShellWords.split(line) == words)
    }

    @Test(arguments: ["'", "\"", "a 'b", "a \"b", "a\\", "\"a\\", "'a\\'b'", "\"a\\\""])
    func `an unclosed quote or escape is refused`(
        line: String
    ) {
        #expect { try ShellWords.split(line) } throws: { ($0 as? Failure)?.code == .invalidArgument }
    }

    /// Only words that a shell would not expand.
    @Test(arguments: [
        "a b", "'a b' c", "\"a b\"c", #"a\ b \\ \' \""#, #""\a \\ \" \$ \`""#, "''", "a '' \"\"", "a\\\nb c",
        "\"x\\\ny\" 'x\\\ny'",
        #"'it'\''s'"#, #""it's""#, "x'y'\"z\"", "\ta\tb\n", "%s -- -n -e", "é😀", "'\t' \"\t\"", #"\é"#, "a=b 'c=d'",
    ])
    func `a real shell splits it into the same words`(line: String) throws {
        #expect(try ShellWords.split(line) == Shell.words(of: line))
    }

    @Test(arguments: [
        [], [""], ["a"], ["a b", "'", "\"", "\\", "\n", "\t"], ["$HOME", "*", "~", "`", "!", "#", "&", ";", "|"],
        ["it's", "''"],
        ["a'\u{301}b", "'\u{301}"], ["-n", "--x=y", "a/b.c:d@e%f+g,h_i"], ["é", "\u{1}\u{7f}"],
        ["{a,b}", "[a]", "(", "=x"],
    ])
    func `joined words are split into the same words, by a real shell too`(words: [String]) throws {
        let line = ShellWords.join(words)
        #expect(try ShellWords.split(line) == words)
        #expect(try Shell.words(of: line) == words)
    }

    @Test func `plain words are not quoted`() {
        #expect(ShellWords.join(["/bin/sh", "-c", "sleep 1"]) == "/bin/sh -c 'sleep 1'")
    }

    @Test func `random words round-trip`() throws {
        var seed = Seed.fresh()
        let name = seed.description
        let scalars = Array("ab '\"\\\n\t$`é\u{301}\u{200d}€#*~;".unicodeScalars)
        for _ in 0..<20_000 {
            let words = (0..<Int.random(in: 0...4, using: &seed)).map { _ in
                var word = String.UnicodeScalarView()
                for _ in 0..<Int.random(in: 0...6, using: &seed) {
                    word.append(scalars.randomElement(using: &seed) ?? "a")
                }
                return String(word)
            }
            guard (try? ShellWords.split(ShellWords.join(words)))?.elementsEqual(words, by: Self.areSameBytes) == true
            else {
                Issue.record("\(words), \(name)")
                return
            }
        }
    }

    private static func areSameBytes(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
}
