import Testing

/// Checks that docs/troubleshooting.md has every message that an operator meets.
struct TroubleshootingTests {
    /// The document in one line, without the marks of code.
    private static let document = Document("docs/troubleshooting.md").text.filter { $0 != "`" }
        .split(whereSeparator: \.isWhitespace).joined(separator: " ")

    /// A kind of message, and where the sources have it.
    struct Kind: Sendable, CustomStringConvertible {
        let description: String
        /// The beginnings of the paths of files.
        let folders: [String]
        /// The functions whose arguments are messages; if there are none, all texts of a file are.
        let calls: [String]
        /// What a file must contain.
        var mark: @Sendable (SourceFile) -> Bool = { _ in true }
        /// The least number of words; shorter texts are names.
        var words = 2
    }

    private static let kinds = [
        Kind(
            description: "health reasons",
            folders: ["Sources/Agent", "Sources/ClusterManager", "Sources/Platform/Ser"],
            calls: [],
            mark: { $0.text.contains(/HealthSource|(?:var|func) reasons|reasons(?:\.append|\[)|enum StateMismatch/) }),
        Kind(
            description: "log lines",
            folders: ["Sources/Agent", "Sources/ClusterManager", "Sources/Platform", "Sources/VM"],
            calls: ["Log.note", "Log.fail", "note"]),
        Kind(description: "events", folders: ["Sources/Agent", "Sources/Core/Model"], calls: ["AgentEvent"], words: 1),
        Kind(description: "log lines of the hub", folders: ["Sources/Hub"], calls: ["broker.log"]),
        Kind(
            description: "details of errors",
            folders: ["Sources/Agent", "Sources/ClusterManager", "Sources/Core", "Sources/Hub", "Sources/Wire"],
            calls: ["Failure"]),
        Kind(
            description: "errors of the configuration", folders: ["Sources"],
            calls: ["ConfigurationError", "BrokerSettingsError", "AccountError"]),
        Kind(
            description: "causes of an outage", folders: ["Sources/Platform/MQTTTransport"], calls: [],
            mark: { $0.path.contains(/\/(?:Session|TLSContext|MosquittoClient|BrokerRoutes|BrokerAddress)/) }, words: 3),
        Kind(description: "errors of pmctl", folders: ["Sources/CLI"], calls: [".failed", "complain"]),
    ]

    /// Errors that name a field of the request, and so explain themselves.
    private static let selfExplaining = [".invalidArgument", ".missingArgument", ".malformedRequest"]

    @Test(arguments: kinds) func `every message is explained`(kind: Kind) {
        var count = 0
        for file in SourceFile.sources
        where file.path.hasSuffix(".swift") && kind.mark(file) && kind.folders.contains(where: file.path.hasPrefix) {
            let source = SourceText(file.text)
            let ranges = kind.calls.flatMap(source.arguments).filter { range in
                let text = source.text(range).drop(while: \.isWhitespace)
                return !Self.selfExplaining.contains(where: text.hasPrefix)
            }
            for literal in source.literals {
                guard kind.calls.isEmpty || ranges.contains(where: { $0.contains(literal.range.lowerBound) }) else {
                    continue
                }
                let words = literal.words
                guard words.count > 5, words.split(separator: " ").count >= kind.words, words.contains(/[a-z]/) else {
                    continue
                }
                count += 1
                let isExplained = Self.document.contains(words.filter { $0 != "`" })
                if !isExplained { Issue.record("\(file.path): \"\(words)\" is not in docs/troubleshooting.md") }
            }
        }
        #expect(count > 5)
    }

    @Test func `every error code is explained`() throws {
        let file = try #require(SourceFile.sources.first { $0.path.hasSuffix("Model/ErrorCode.swift") })
        let cases = file.text.matches(of: /case `?(\w+)`?(?: = "(\w+)")?/)
        #expect(cases.count > 15)
        let lines = Document("docs/troubleshooting.md").lines.filter { $0.hasPrefix("| `") }
        for code in cases.map({ $0.output.2 ?? $0.output.1 }) {
            let isListed = lines.contains { $0.split(separator: "|")[0].contains("`\(code)`") }
            #expect(isListed, "\(code)")
        }
    }
}
