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
        #expect(try await users("pm-cluster.service") == ["pm-cluster"])
        #expect(try await users("pm-agent-unprivileged.conf") == ["pm"])
        let accounts = try await text("pmqtt.sysusers").split(separator: "\n").filter { $0.hasPrefix("u ") }
        #expect(accounts.map { $0.split(separator: " ")[1] } == ["pm", "pm-qemu", "pm-cluster"])
    }

    /// The exposure that `systemd-analyze security` computes, here from 0 (no rights) to 100 (all rights).
    @Test(
        .enabled(if: access("/usr/bin/systemd-analyze", X_OK) == 0),
        arguments: [
            (["pm-agent.service"], 55), (["pm-agent.service", "pm-agent-unprivileged.conf"], 30),
            (["pm-cluster.service"], 20),
        ])
    func `the rights of a unit do not exceed their bound`(files: [String], most: Int) async throws {
        var texts: [String] = []
        for file in files { texts.append(try await text(file)) }
        try shell.folder.write(texts.joined(separator: "\n"), to: files[0])
        let unit = "\(shell.folder.path)/\(files[0])"
        _ = try await shell.run(["systemd-analyze", "security", "--offline=true", "--threshold=\(most)", unit])
    }
}
