import Foundation
import Testing

/// Checks that comments and documents use plain technical English, with one word for one thing.
struct LanguageTests {
    /// A line of a comment or a document, without code and names in backticks, which may use other words.
    private struct Line {
        let place: String
        let text: String
        let words: [Substring]

        /// Whether these words stand in the line one after the other; the last one may be a plural.
        func contains(_ phrase: [Substring]) -> Bool {
            guard let last = phrase.last, words.count >= phrase.count else { return false }
            return (0...words.count - phrase.count).contains { start in
                let part = words[start..<start + phrase.count]
                return part.dropLast().elementsEqual(phrase.dropLast())
                    && (part.last == last || part.last == last + "s")
            }
        }
    }

    private static func words(_ text: String) -> [Substring] {
        text.lowercased().split { !$0.isLetter && $0 != "-" }
    }

    private static func line(_ path: String, _ number: Int, _ text: some StringProtocol) -> Line {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        // Every second part stands in backticks.
        let plain = parts.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element).joined(separator: " ")
        return Line(place: "\(path):\(number + 1)", text: plain, words: words(plain))
    }

    private static let comments: [Line] = SourceFile.all.flatMap { file in
        file.lines.enumerated().compactMap { number, text in
            text.firstRange(of: "//").map { line(file.path, number, text[$0.upperBound...]) }
        }
    }

    private static let documents: [Line] = Document.all.filter { $0.path != "docs/glossary.md" }.flatMap { document in
        document.lines.enumerated().map { line(document.path, $0, $1) }
    }

    /// For a program, a process or a client, write "which" or "the caller".
    @Test(arguments: [comments, documents]) private func `words for people are used only for people`(lines: [Line]) {
        let people: Set<Substring> = ["who", "whom", "whoever", "nobody", "somebody", "anybody"]
        let found = lines.filter { !people.isDisjoint(with: $0.words) }
        let list = found.map { "\($0.place): \($0.text)" }.joined(separator: "\n")
        #expect(lines.count > 1_000)
        #expect(found.count * 1_000 <= 2 * lines.count, "\(found.count) of \(lines.count) lines\n\(list)")
    }

    /// The words in the last column of the glossary's tables.
    private static let banned: [String] = Document.glossary.lines.filter { $0.hasPrefix("| ") }.flatMap { row in
        let cells = row.split(separator: "|", omittingEmptySubsequences: false)
        let words = cells.count == 6 ? cells[4].split(separator: ",") : []
        return words.map { $0.trimmingCharacters(in: .whitespaces) }.filter {
            $0.first?.isLetter == true && $0 != "words not used"
        }
    }

    @Test func `the words that the glossary rules out are not used`() {
        #expect(Self.banned.count > 10)
        let phrases = Self.banned.map(Self.words)
        for line in Self.comments + Self.documents where phrases.contains(where: line.contains) {
            Issue.record("\(line.place): \(line.text)")
        }
    }
}
