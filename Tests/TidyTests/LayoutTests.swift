import Foundation
import Testing

/// Checks that Package.swift, docs/architecture.md and the folders agree.
struct LayoutTests {
    /// A target of Package.swift with its dependencies: targets and products of packages.
    private struct Target {
        let name: String
        let dependencies: Set<String>
    }

    /// The text of a target's declaration begins with its name and ends before the next target's.
    private static let targets: [Target] = {
        let text = Document.package.text
        let constants = ["heap": "HeapModule", "deque": "DequeModule", "argumentParser": "ArgumentParser"]
        let list = text[(text.range(of: "    targets: [\n")?.upperBound ?? text.startIndex)...]
        let starts = list.matches(
            of: /(?:module|tests|\.target|\.executableTarget|\.systemLibrary)\(\s*(?:name: )?"([\w-]+)"/)
        return starts.enumerated().map { index, start in
            let end = index + 1 < starts.count ? starts[index + 1].range.lowerBound : list.endIndex
            let body = list[start.range.upperBound..<end].prefix { $0 != "]" }
            let names = body.matches(of: /"([\w-]+)"|\b(heap|deque|argumentParser)\b/).map { match in
                match.output.1.map(String.init) ?? constants[String(match.output.2 ?? "")] ?? ""
            }
            let isBuilt = !body.contains("pkgConfig") && !body.contains("linkerSettings: [.linkedLibrary")
            return Target(name: String(start.output.1), dependencies: isBuilt ? Set(names) : [])
        }
    }()

    private static let names = Set(targets.map(\.name))

    @Test func `Package.swift is parsed correctly`() {
        #expect(Self.targets.count > 40)
        #expect(Self.targets.first { $0.name == "Supervision" }?.dependencies == ["Model"])
        #expect(Self.targets.first { $0.name == "pm-agent" }?.dependencies == ["AgentRuntime"])
    }

    /// The compiler does not check this: a target can import modules that were built for another target.
    @Test(arguments: SourceFile.all) func `a file imports only dependencies of its target`(file: SourceFile) {
        guard let target = Self.targets.first(where: { $0.name == file.target }) else { return }
        let known = Self.names.union(["HeapModule", "DequeModule", "ArgumentParser"])
        #expect(file.imports.intersection(known).subtracting(target.dependencies).isEmpty)
    }

    /// The targets that import no module of the system: the pure ones, and what runs inside the broker.
    /// docs/architecture.md says why. Only those that are named here may import Glibc.
    private static let hermetic: [String: Set<String>] = [
        "Model": [], "Supervision": [], "Routing": [], "Cluster": [], "Wire": [], "JSONCodec": ["Glibc"],
        "HubPlugin": ["Glibc"], "HubRuntime": ["Glibc"],
    ]

    @Test(arguments: SourceFile.sources.filter { hermetic[$0.target] != nil })
    func `pure targets and the hub import nothing but their dependencies`(file: SourceFile) {
        let target = Self.targets.first { $0.name == file.target }
        let allowed = (target?.dependencies ?? []).union(Self.hermetic[file.target] ?? [])
        #expect(file.imports.subtracting(allowed).isEmpty)
    }

    /// The lines of the Mermaid diagram: each target of the product with its direct dependencies.
    private static var drawing: [String] {
        let parts = SourceFile.productTargets
        return targets.filter { parts.contains($0.name) }.sorted { $0.name < $1.name }.flatMap { target in
            let below = target.dependencies.intersection(parts)
            // What a dependency depends on needs no arrow of its own.
            let implied = below.flatMap { name in reach(from: name) }
            return below.subtracting(implied).sorted().map { "    \(target.name) --> \($0)" }
        }
    }

    private static func reach(from name: String) -> Set<String> {
        let below = targets.first { $0.name == name }?.dependencies.intersection(names) ?? []
        return below.union(below.flatMap { reach(from: $0) })
    }

    @Test func `the diagram of the architecture matches Package.swift`() {
        let arrows = Document.architecture.lines.filter { $0.contains(" --> ") }.map(String.init)
        #expect(arrows == Self.drawing, "it should be:\n\(Self.drawing.joined(separator: "\n"))")
    }

    @Test func `every path in the architecture exists`() {
        let files = SourceFile.all.map(\.path)
        let others = ["Makefile", "broker", "scripts", "docs"]
        let paths = Document.architecture.text.matches(of: /`([\w@+.-]+(?:\/[\w@+.-]*)+|[\w+-]+\.(?:swift|c|h))`/)
        #expect(paths.count > 100)
        for path in paths.map({ String($0.output.1) }) {
            guard !path.hasPrefix("pm/"), !path.contains("<") else { continue }
            let isSource = files.map { "/\($0)" }.contains { file in
                ["/\(path)", "/\(path)/", "/\(path)+"].contains { file.contains($0) }
            }
            let isFile =
                others.contains { path.hasPrefix($0) }
                && FileManager.default.fileExists(atPath: SourceFile.root.appending(path: path).path)
            let isStem = files.contains { $0.contains("/\(path).swift") }
            #expect(isSource || isFile || isStem, "\(path)")
        }
    }

    @Test(arguments: ["Core", "Wire", "Platform", "Agent", "VM", "ClusterManager", "Hub", "CLI"])
    func `each wing has a README`(wing: String) {
        #expect(Document("Sources/\(wing)/README.md").lines.count > 3)
    }

    /// A field that is missing in the list is reported as ignored, and refused by pmctl.
    @Test func `the list of a config's fields is that of the documentation`() {
        let source = Document("Sources/Wire/Wire/Config/ProcessSpec+Ignored.swift").text
        let list = source.split(separator: "= [")[1].prefix { $0 != "]" }
        let listed = Set(list.matches(of: /"(\w+)"/).map(\.output.1))
        let lines = Document("docs/protocol.md").lines
        let rows = lines.drop { $0 != "### config" }.drop { !$0.hasPrefix("| field") }.dropFirst(2)
        let cells = rows.prefix { $0.hasPrefix("|") }.map { $0.split(separator: "|")[0] }
        let documented = Set(cells.flatMap { $0.matches(of: /`(\w+)[^`]*`/).map(\.output.1) })
        #expect(listed == documented && listed.count > 20)
    }
}
