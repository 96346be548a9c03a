import TestSupport
import Testing

@testable import Logs

struct LineMatcherTests {
    private func finds(_ text: String, in pieces: [String]) -> Bool {
        var matcher = LineMatcher(text)
        for piece in pieces.dropLast() { _ = matcher.finds(in: Array(piece.utf8)[...]) }
        return matcher.finds(in: Array((pieces.last ?? "").utf8)[...])
    }

    @Test func `a text is found in one piece or in several`() {
        #expect(finds("ready", in: ["it is ready now\n"]))
        #expect(finds("ready", in: ["it is re", "a", "dy"]))
        #expect(!finds("ready", in: ["it is rea", "\ndy"]))
        #expect(finds("aab", in: ["aaa", "ab"]))
        #expect(finds("abcabd", in: ["abcabc", "abd"]))
        #expect(finds("", in: []))
    }

    @Test func `a text that was found stays found`() { #expect(finds("a", in: ["a", "b"])) }

    @Test func `the result equals that of a plain search`() {
        var seed = Seed.fresh()
        for _ in 0..<2_000 {
            func random(_ count: ClosedRange<Int>) -> String {
                String((0..<Int.random(in: count, using: &seed)).map { _ in Bool.random(using: &seed) ? "a" : "b" })
            }
            let text = random(1...5)
            let pieces = (0..<4).map { _ in random(0...6) }
            #expect(finds(text, in: pieces) == pieces.joined().contains(text), "\(text) in \(pieces), \(seed)")
        }
    }
}
