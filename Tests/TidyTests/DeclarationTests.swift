import Foundation
import Testing

/// Searches the sources, as text, for unused declarations and for state that other files may write.
struct DeclarationTests {
    private static func code(_ line: Substring) -> Substring {
        line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
    }

    @Test func `every declaration is used`() throws {
        var counts: [Substring: Int] = [:]
        var declared: [(name: Substring, place: String)] = []
        let declaration = /\b(?:func|var|let|struct|class|enum|protocol|typealias) ([A-Za-z_]\w*)/
        for file in SourceFile.all {
            for (number, line) in file.lines.enumerated() {
                let code = Self.code(line)
                for word in code.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }) {
                    counts[word, default: 0] += 1
                }
                guard file.path.hasSuffix(".swift"), !file.path.hasPrefix("Tests/"),
                    let match = code.firstMatch(of: declaration)
                else { continue }
                declared.append((match.output.1, "\(file.path):\(number + 1)"))
            }
        }
        #expect(declared.count > 3_000)
        for (name, place) in declared where counts[name] == 1 { Issue.record("\(place): \(name) is not used") }
    }

    /// Stored variables of the runtimes' classes that other files may write.
    ///
    /// Each is state without an owner. The number must not grow.
    @Test func `few variables can be written by other files`() {
        let runtimes: Set = ["AgentRuntime", "ClusterRuntime", "VMRuntime"]
        var open: [String] = []
        for file in SourceFile.all where runtimes.contains(file.target) {
            var type = ""
            for line in file.lines {
                if line.first?.isLetter == true,
                    let match = line.firstMatch(of: /^(?:\w+ )*(class|struct|enum|extension|protocol) (\w+)/)
                {
                    type = match.output.1 == "class" ? String(match.output.2) : ""
                }
                guard !type.isEmpty, line.contains("var ") else { continue }
                if line.contains(/^    (?:package )?(?:weak |unowned )?var \w+(?:: [^{]*| = .*)$/) {
                    open.append("\(type).\(line.trimmingCharacters(in: .whitespaces))")
                }
            }
        }
        #expect(open.count <= Self.openVariables, "\(open.joined(separator: "\n"))")
    }

    private static let openVariables = 2
}
