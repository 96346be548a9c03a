import Foundation
import Testing

/// Checks that the links in documents lead to files and headings.
struct LinkTests {
    /// The anchors of a document: those of its headings, as GitHub makes them, and those in its text.
    private static func anchors(_ document: Document) -> Set<String> {
        let headings = document.lines.filter { $0.hasPrefix("#") }.map { line in
            let title = line.drop { $0 == "#" }.lowercased().trimmingCharacters(in: .whitespaces)
            let kept = title.filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
            return kept.replacing(" ", with: "-")
        }
        return Set(headings + document.text.matches(of: /<a id="([^"]+)">/).map { String($0.output.1) })
    }

    @Test(arguments: Document.all) func `every link leads somewhere`(document: Document) {
        let folder = document.path.split(separator: "/").dropLast().joined(separator: "/")
        for match in document.text.matches(of: /\]\(([^)\s]+)\)/) {
            let link = String(match.output.1)
            guard !link.contains("://") else { continue }
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let path = parts[0].isEmpty ? document.path : folder.isEmpty ? parts[0] : "\(folder)/\(parts[0])"
            let file = SourceFile.root.appending(path: path).standardized
            #expect(FileManager.default.fileExists(atPath: file.path), "\(document.path): \(link)")
            guard parts.count == 2, path.hasSuffix(".md") else { continue }
            #expect(Self.anchors(Document(path)).contains(parts[1]), "\(document.path): \(link)")
        }
    }
}
