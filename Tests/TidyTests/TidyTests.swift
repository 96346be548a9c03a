import Testing

/// The rules of docs/architecture.md that the compiler does not check.
struct TidyTests {
    /// The targets that may import modules with restricted use.
    private static let importers: [String: Set<String>] = [
        "CcJSON": ["JSONCodec"], "CMosquitto": ["MQTTTransport", "TestSupport"], "CMosquittoPlugin": ["HubPlugin"],
        "CTLS": ["MQTTTransport"],
        "CLinux": ["LinuxSystem", "pm-keeper"], "CKeeper": ["pm-keeper"], "ArgumentParser": ["pmctl"],
        "Foundation": ["pmctl", "TestSupport"],
        "FoundationEssentials": ["pmctl", "TestSupport"],
    ]

    @Test func `the sources are found`() { #expect(SourceFile.sources.count > 50) }

    @Test(arguments: SourceFile.sources) func `imports match the layout`(file: SourceFile) {
        for module in file.imports {
            if let importers = Self.importers[module] { #expect(importers.contains(file.target), "\(module)") }
        }
    }

    /// The functions and variables that targets other than LinuxSystem may use of Glibc. None makes a system call but
    /// those that end a program.
    private static let functions: [String: Set<Substring>] = [
        "JSONCodec": ["memchr", "memcmp"],
        // libmosquitto leaves its errors in errno, and memory to be freed.
        "MQTTTransport": ["errno", "free"],
        "pm-agent": ["_exit"], "pm-cluster": ["_exit"], "pm-vm": ["_exit"],
        "pmctl": ["exit", "localtime_r", "mktime", "strftime", "strsignal", "timegm"],
    ]

    /// An import of one declaration makes only that visible, so the compiler finds every other use. The hub does
    /// not depend on LinuxSystem, and reads its clock and its ACL file by itself.
    @Test(arguments: SourceFile.sources.filter { !["LinuxSystem", "HubPlugin", "HubRuntime"].contains($0.target) })
    func `only LinuxSystem makes system calls`(file: SourceFile) {
        for line in file.lines where line.contains(/^(\w+ )?import .*Glibc/) {
            let match = line.wholeMatch(of: /import (var|func|struct|typealias) Glibc\.(\w+)/)
            let isType = match?.output.1 == "struct" || match?.output.1 == "typealias"
            let name = match?.output.2 ?? ""
            let isConstant = name.contains(/^[A-Z][A-Z0-9_]+$/)
            let isAllowed = Self.functions[file.target]?.contains(name) ?? false
            #expect(isType || isConstant || isAllowed, "\(line)")
        }
    }

    /// All files except the table of limits, which is one file on purpose.
    @Test(arguments: SourceFile.all.filter { !$0.path.hasSuffix("Model/Limits.swift") })
    func `a file is 300 lines long at most`(file: SourceFile) {
        #expect(file.lines.count <= 301)
    }

    @Test(arguments: SourceFile.all) func `no file has unfinished parts`(file: SourceFile) {
        for word in ["TODO", "FIXME"] where file.target != "TidyTests" {
            #expect(!file.text.contains(word), "\(word)")
        }
    }

    @Test(
        arguments: SourceFile.sources.filter {
            ["HubPlugin", "HubRuntime", "Routing", "Wire", "JSONCodec", "Model"].contains($0.target)
        })
    func `nothing a client sends can trap the broker`(file: SourceFile) throws {
        let traps: [Regex<Substring>] = [
            /try!/, /as!/, /\bfatalError\(/, /\bpreconditionFailure\(/, /\bprecondition\(/,
            /[A-Za-z0-9_)\]]!(?![=A-Za-z])/, /\bunowned\b/, /\bTask\b/,
        ]
        for (number, line) in file.lines.enumerated() where !line.contains("//") {
            let code = line.replacing(/"[^"]*"/, with: "")
            for trap in traps where code.contains(trap) { Issue.record("\(file.path):\(number + 1): \(line)") }
        }
    }

    @Test func `every limit is used`() throws {
        let limits = SourceFile.sources.filter { $0.path.contains("Model/Limits") }.map(\.text).joined()
        let names = limits.matches(of: /static let (\w+)/).map { String($0.output.1) }
        #expect(names.count > 20)
        let users = SourceFile.sources.filter { !$0.path.contains("Model/Limits") }.map(\.text).joined()
        for name in names {
            let isUsed = users.contains("Limits.\(name)") || limits.contains(" = \(name)")
            #expect(isUsed, "Limits.\(name)")
        }
    }
}
