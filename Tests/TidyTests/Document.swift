import Foundation

/// A document of the repository, as text.
struct Document: Sendable, CustomStringConvertible {
    let path: String
    let text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    var description: String { path }

    init(_ path: String) {
        self.path = path
        text = (try? String(contentsOf: SourceFile.root.appending(path: path), encoding: .utf8)) ?? ""
    }

    static let all: [Document] = {
        let top = ["README.md", "CONTRIBUTING.md", "SECURITY.md"]
        let names = FileManager.default.enumerator(atPath: SourceFile.root.appending(path: "docs").path)
        let docs = names?.compactMap { $0 as? String }.filter { $0.hasSuffix(".md") }.sorted() ?? []
        return (top + docs.map { "docs/\($0)" }).map { Document($0) }
    }()

    static let glossary = Document("docs/glossary.md")
    static let architecture = Document("docs/architecture.md")
    static let package = Document("Package.swift")
}
