import TestSupport
import Testing

/// The examples of README.md and the tutorials, run word by word in namespaces of their own.
@Suite(.enabled(if: FreshHost.obstacle == nil, "needs root, namespaces, overlayfs and iproute2"))
struct DocumentTests {
    private let shell: Shell

    init() throws { shell = Shell(folder: try TemporaryFolder(), environment: []) }

    private func run(_ document: String, exitCode: Int32 = 0) async throws -> String {
        let binaries = try String(Binaries.agent.dropLast("/pm-agent".count))
        return try await shell.run(["\(Shell.root)/scripts/run-document.sh", document, binaries], exitCode: exitCode)
    }

    @Test(arguments: [
        "README.md", "docs/tutorials/one-host.md", "docs/tutorials/edge-fleet.md", "docs/tutorials/home-lab.md",
    ])
    func `the examples work as they stand`(document: String) async throws {
        let output = try await run(document)
        #expect(output.hasSuffix("--- end\n"), "\(output)")
    }

    /// Otherwise the test above would succeed whatever the examples do.
    @Test(arguments: [
        ("false", 1), ("true # refused: by nothing", 1), ("pmctl hosts", 111), ("cat /etc/hosts", 0),
        ("false # refused: as it should be", 0), ("echo one two # shows: one two", 0),
    ])
    func `an example that does not do what it says is an error`(example: String, exitCode: Int32) async throws {
        try shell.folder.write("Text\n\n```sh\n\(example)\n```\n", to: "document.md")
        let output = try await run("\(shell.folder.path)/document.md", exitCode: exitCode)
        #expect(output.contains("--- line 3\n") && output.hasSuffix("--- end\n") == (exitCode == 0), "\(output)")
    }

    @Test func `a block that can't be run is left out or replaced, and endless commands are ended`() async throws {
        let text = """
            <!-- not run: takes a year -->
            ```sh
            echo one
            ```

            <!-- not run: needs systemd; instead: mosquitto -p 1883 & -->
            ```sh
            systemctl start mosquitto
            ```

            ```sh
            mosquitto_pub -r -t a -m hello
            mosquitto_sub -t '#' -v    # shows: a hello
            cat <<'END'
            mosquitto_sub -t '#'
            END
            ```

            """
        try shell.folder.write(text, to: "document.md")
        let output = try await run("\(shell.folder.path)/document.md")
        #expect(!output.contains("one") && output.contains("\na hello\n"), "\(output)")
        #expect(output.hasSuffix("\nmosquitto_sub -t '#'\n--- end\n"), "\(output)")
    }
}
