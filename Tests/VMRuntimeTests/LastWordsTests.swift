import Model
import Testing

@testable import VMRuntime

struct LastWordsTests {
    private static func last(_ chunks: String...) -> String? {
        var words = LastWords()
        for chunk in chunks { words.add(Array(chunk.utf8)) }
        return words.text
    }

    @Test func `the last line is found, in whatever pieces it arrives`() {
        #expect(Self.last() == nil)
        #expect(Self.last("a\nb\n") == "b")
        #expect(Self.last("a\nb") == "b")
        #expect(Self.last("a\nqemu: no", " room\n") == "qemu: no room")
        #expect(Self.last("a", "\n", "b", "\n") == "b")
    }

    @Test func `later empty lines are ignored, and control characters are spaces`() {
        #expect(Self.last("a\n\n\n") == "a")
        #expect(Self.last("a\r\n") == "a")
        #expect(Self.last(" \t \n") == nil)
    }

    @Test func `a line that is too long is cut`() {
        let text = String(repeating: "x", count: Limits.lastWords)
        #expect(Self.last(text + "y\n") == text)
        #expect(Self.last(text + "y\n", "z\n") == "z")
    }
}
