import Model
import Testing

struct NameTests {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

    @Test func `every byte is accepted only where the grammar allows it`() {
        for byte in UInt8.min ... .max {
            let isFirst = Self.letters.contains(byte)
            let isLater = isFirst || Array("._-".utf8).contains(byte)
            let (alone, second, middle): ([UInt8], [UInt8], [UInt8]) = ([byte], [0x61, byte], [0x61, byte, 0x61])
            #expect(Name.isValid(alone.span) == isFirst, "\(byte) alone")
            #expect(Name.isValid(second.span) == isLater, "\(byte) second")
            #expect(Name.isValid(middle.span) == isLater, "\(byte) in the middle")
        }
    }

    @Test(arguments: [(0, false), (1, true), (2, true), (62, true), (63, true), (64, false), (1_000, false)])
    func `a name is 1 to 63 bytes long`(length: Int, isValid: Bool) {
        #expect((Name(String(repeating: "a", count: length)) != nil) == isValid)
    }

    @Test(arguments: ["é", "a\u{301}", "ａ", "a/b", "a+", "#", "a b", "a\n", "a\0", "..", ".a", "-a", "_a"])
    func `text that only looks like a name is refused`(text: String) { #expect(Name(text) == nil) }

    @Test func `names are sorted by their text`() throws {
        let names = try ["b", "B", "a.b", "a-b", "a", "10", "9"].map { try #require(Name($0)) }
        #expect(names.sorted().map(\.description) == ["10", "9", "B", "a", "a-b", "a.b", "b"])
    }

    @Test(arguments: [
        ("sleep", "sleep"), ("my prog", "my-prog"), ("a/b", "a-b"), ("", "fallback"), ("...", "fallback"),
        ("/é", "fallback"), (".hidden", "hidden"), ("é1", "1"), ("aé", "a--"),
    ])
    func `every program name is turned into a valid name`(text: String, name: String) {
        #expect(Name(sanitizing: text, fallback: "fallback").description == name)
    }

    @Test func `a name made of any bytes is valid`() {
        for first in UInt8.min ... .max {
            for second in UInt8.min ... .max {
                let text = String(decoding: [first, second], as: UTF8.self)
                let name = Name(sanitizing: text, fallback: "x")
                if Name(name.description) == nil { Issue.record("\(first), \(second): \(name)") }
            }
        }
        let long = Name(sanitizing: String(repeating: "é", count: 200) + "z", fallback: "x")
        #expect(long.description == "x")
        #expect(Name(sanitizing: String(repeating: "y", count: 200), fallback: "x").description.utf8.count == 63)
    }

    @Test(arguments: ["hub", "cluster", "reply"]) func `a reserved word is a name but not a host name`(word: String) {
        #expect(Name(word) != nil)
        #expect(HostName(word) == nil)
    }

    @Test(arguments: ["Hub", "hub1", "cluster.local", "reply-1", "h"]) func `text like a reserved word is a host name`(
        text: String
    ) { #expect(HostName(text)?.description == text) }

    @Test(arguments: ["", "+", "#", "a/b", "-a", String(repeating: "a", count: 64)])
    func `an invalid name is not a host name`(text: String) { #expect(HostName(text) == nil) }
}
