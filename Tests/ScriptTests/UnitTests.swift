import Glibc
import TestSupport
import Testing

/// Checks of the systemd units that need no running systemd.
@Suite struct UnitTests {
    private static let folder = "\(Shell.root)/scripts/systemd"
    private let shell: Shell

    init() throws { shell = Shell(folder: try TemporaryFolder(), environment: []) }

    private func text(_ name: String) async throws -> String { try await shell.run(["cat", "\(Self.folder)/\(name)"]) }

    private func users(_ name: String) async throws -> [String] {
        try await text(name).split(separator: "\n").filter { $0.hasPrefix("User=") }.map { String($0.dropFirst(5)) }
    }

    @Test func `pm-cluster runs as a user that no process runs as`() async throws {
        #expect(try await users("pmqtt-cluster.service") == ["pm-cluster"])
        #expect(try await users("pmqtt-agent-unprivileged.conf") == ["pm"])
        let files = try await text("pmqtt-agent.sysusers") + (try await text("pmqtt-cluster.sysusers"))
        let accounts = files.split(separator: "\n").filter { $0.hasPrefix("u ") }
        #expect(accounts.map { $0.split(separator: " ")[1] } == ["pm", "pm-qemu", "pm-cluster"])
    }

    /// The exposure that `systemd-analyze security` computes, here from 0 (no rights) to 100 (all rights).
    @Test(
        .enabled(if: access("/usr/bin/systemd-analyze", X_OK) == 0),
        arguments: [
            (["pmqtt-agent.service"], 55), (["pmqtt-agent.service", "pmqtt-agent-unprivileged.conf"], 30),
            (["pmqtt-cluster.service"], 20),
        ])
    func `the rights of a unit do not exceed their bound`(files: [String], most: Int) async throws {
        var texts: [String] = []
        for file in files { texts.append(try await text(file)) }
        try shell.folder.write(texts.joined(separator: "\n"), to: files[0])
        let unit = "\(shell.folder.path)/\(files[0])"
        _ = try await shell.run(["systemd-analyze", "security", "--offline=true", "--threshold=\(most)", unit])
    }

    /// The files that are installed as /etc/pmqtt/agent.json and cluster.json, as they are and with each setting that is
    /// commented out, except for paths, which must exist.
    @Test(arguments: [("pm-agent", "agent.json"), ("pm-cluster", "cluster.json")])
    func `the installed settings are valid`(program: String, file: String) async throws {
        let check = [try Binaries.find(program), "--check-config", "--state-dir", "/tmp/pm-none", "--config"]
        #expect(try await shell.run(check + ["\(Self.folder)/\(file)"]).isEmpty)
        let template = try await text(file)
        let settings = template.split(separator: "\n").filter {
            $0.hasPrefix("    // \"") && !$0.contains("/etc/pmqtt/")
        }
        #expect(!settings.isEmpty)
        // A user that every system has, in place of pm.
        let edited = settings.reduce(template) { $0.replacing($1, with: $1.replacing("// \"", with: "\"")) }
            .replacing("\"run_as\": \"pm\"", with: "\"run_as\": \"nobody\"")
        try shell.folder.write(edited, to: file)
        #expect(try await shell.run(check + ["\(shell.folder.path)/\(file)"]).isEmpty)
        try shell.folder.write(edited.replacing("{\n", with: "{\n  !"), to: file)
        let line = template.split(separator: "\n", omittingEmptySubsequences: false).firstIndex(of: "{") ?? 0
        let output = try await shell.run(check + ["\(shell.folder.path)/\(file)"], exitCode: 100)
        #expect(output.contains("\(file): not valid JSON at line \(line + 2), column 3"), "\(output)")
    }
}
