import Glibc
import TestSupport
import Testing

/// `pm-cluster` itself: flags, settings, exit codes.
struct CommandLineTests {
    private func run(_ arguments: String...) async throws -> (code: Int32, output: String) {
        let folder = try TemporaryFolder()
        let command = [try Binaries.find("pm-cluster")] + arguments
        let status = try await ChildProcess(command, log: "\(folder.path)/log").ended()
        return (status >> 8 & 0xFF, folder.read("log"))
    }

    @Test func `version and help`() async throws {
        #expect(try await run("--version").code == 0)
        #expect(try await run("--version").output.hasPrefix("pm-cluster "))
        let help = try await run("--help")
        #expect(help.code == 0 && help.output.contains("--state-dir"))
    }

    @Test(arguments: [
        [], ["--broker", "unix:///b"], ["--state-dir", "/tmp/x"], ["--broker"], ["--nonsense"],
        ["--broker", "http://x", "--state-dir", "/tmp/x"],
        ["--broker", "unix:///b", "--state-dir", "/tmp/x", "--config", "/no/such/file"],
    ])
    func `a usage error prints one line and exits with 100`(arguments: [String]) async throws {
        let folder = try TemporaryFolder()
        let command = [try Binaries.find("pm-cluster")] + arguments
        let status = try await ChildProcess(command, log: "\(folder.path)/log").ended()
        #expect(status >> 8 & 0xFF == 100)
        #expect(folder.read("log").split(separator: "\n").count == 1)
    }

    @Test(arguments: [
        #"{"max_launches":0}"#, #"{"max_launches":1.5}"#, #"{"boot_timeout":"soon"}"#, #"{"host_lost_after":0}"#,
        #"{"misspelt":1}"#, "[]", "{",
    ])
    func `an invalid configuration is refused`(text: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "c.json")
        let result = try await run(
            "--broker", "unix:///b", "--state-dir", folder.path, "--config", "\(folder.path)/c.json", "--check-config")
        #expect(result.code == 100)
        try folder.write(
            #"{"broker":"unix:///b","state_dir":"/tmp","max_launches":3,"host_lost_after":60}"#, to: "c.json")
        #expect(try await run("--config", "\(folder.path)/c.json", "--check-config").code == 0)
    }
}
