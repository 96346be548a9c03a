import Foundation
import Testing

/// Checks that comments and documents use plain technical English, with one word for one thing.
struct LanguageTests {
    /// A line of a comment or a document, without code and names in backticks, which may use other words.
    private struct Line {
        let place: String
        let text: String
    }

    private static func line(_ path: String, _ number: Int, _ text: some StringProtocol) -> Line {
        Line(place: "\(path):\(number + 1)", text: String(text).replacing(/`+[^`]*`+/, with: ""))
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
        let found = lines.filter { $0.text.contains(/(?i)\b(?:who|whom|whoever|nobody|somebody|anybody)\b/) }
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

    @Test func `the words that the glossary rules out are not used`() throws {
        #expect(Self.banned.count > 10)
        let pattern = try Regex("(?i)\\b(?:\(Self.banned.joined(separator: "|")))s?\\b")
        for line in Self.comments + Self.documents where line.text.contains(pattern) {
            Issue.record("\(line.place): \(line.text)")
        }
    }
}
