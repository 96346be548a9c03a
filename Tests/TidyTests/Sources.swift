import Foundation

/// A source file of the repository, as text.
struct SourceFile: Sendable, CustomStringConvertible {
    let path: String
    let text: String

    /// The folder below a wing of Sources, below Tests/Support, or below Tests or Benchmarks.
    var target: String {
        let folders = path.split(separator: "/").dropLast().map(String.init)
        let isInWing = folders.first == "Sources" || folders.starts(with: ["Tests", "Support"])
        return folders.dropFirst(isInWing ? 2 : 1).first ?? ""
    }
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    var description: String { path }

    /// The modules it imports, with any attributes or access level before `import`, whole or only a declaration.
    var imports: Set<String> {
        let pattern = /(?:(?:@\w+|package|public|internal|private) )*import (?:[a-z]+ (?=\w+\.))?(\w+)(?:\.\w+)*/
        return Set(
            lines.filter { $0.contains("import ") }.compactMap { line in
                line.wholeMatch(of: pattern).map { String($0.output.1) }
            })
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let all: [SourceFile] = {
        return ["Sources", "Tests", "Benchmarks"].flatMap { folder in
            let names =
                FileManager.default.enumerator(atPath: root.appending(path: folder).path)?.compactMap { $0 as? String }
                ?? []
            return names.filter { name in [".swift", ".c", ".h"].contains { name.hasSuffix($0) } }.sorted().compactMap {
                name in
                let path = "\(folder)/\(name)"
                return (try? String(contentsOf: root.appending(path: path), encoding: .utf8)).map {
                    SourceFile(path: path, text: $0)
                }
            }
        }
    }()

    /// The targets of the product, without tests and benchmarks.
    static var productTargets: Set<String> { Set(sources.map(\.target)) }

    static var sources: [SourceFile] { all.filter { $0.path.hasPrefix("Sources/") } }
}
