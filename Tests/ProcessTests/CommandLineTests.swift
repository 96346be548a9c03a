import Glibc
import TestSupport
import Testing

/// Output and exit codes of `pm-agent`, without a broker.
@Suite(.serialized) struct CommandLineTests {
    /// Runs `pm-agent` until it ends.
    private func run(_ arguments: [String], environment: [String] = []) async throws -> (code: Int32, output: String) {
        let folder = try TemporaryFolder()
        let command = ["/usr/bin/env", "-u", "PM_BROKER"] + environment + [try Binaries.agent] + arguments
        let process = try ChildProcess(command, log: "\(folder.path)/log")
        try await eventually("the end") { !process.isRunning }
        let status = process.end(with: SIGKILL)
        return (status & 0x7F == 0 ? status >> 8 & 0xFF : -1, folder.read("log"))
    }

    private static let named = ["--host", "h", "--state-dir", "/tmp/pm-none"]
    private static let nameless = ["--broker", "unix:///tmp/none.sock", "--state-dir", "/tmp/pm-none"]
    private static let good = nameless + ["--host", "h"]

    @Test func `--version and --help end with 0`() async throws {
        let version = try await run(["--version"])
        #expect(
            version.code == 0 && version.output.hasPrefix("pm-agent ")
                && version.output.split(separator: "\n").count == 1)
        for flag in ["--help", "-h"] {
            let help = try await run([flag])
            #expect(help.code == 0)
            for option in [
                "--host", "--broker", "--state-dir", "--config", "--health-interval", "--check-config", "--version",
            ] {
                #expect(help.output.contains(option))
            }
        }
    }

    @Test(arguments: [
        [], ["--host", "h"], ["--host"], ["--hots", "h"], ["extra"], ["--host", "h", "--broker", "unix:///b"],
        ["--config", "/no/such.json"],
        ["--config"], named + ["--broker", "nonsense"], named + ["--broker=mqtt://u:p@h"], good + ["--ca", "/ca.pem"],
        named + ["--broker=mqtts://h", "--cert", "/c.pem"],
        named + ["--broker=mqtts://h", "--password-file", "/no/such"], nameless + ["--host=hub"],
        nameless + ["--host=a/b"], nameless + ["--host=%q"], nameless + ["--host=x%"],
        nameless + ["--host="], ["--host", "h", "--broker", "unix:///b", "--state-dir="],
        good + ["--health-interval", "x"], good + ["--health-interval=0"],
        good + ["--health-interval=-1"], good + ["--health-interval=nan"], good + ["--health-interval=inf"],
        good + ["--version=1"],
    ])
    func `a usage error ends with 100 and one line`(arguments: [String]) async throws {
        let result = try await run(arguments)
        #expect(result.code == 100)
        #expect(
            result.output.hasPrefix("pm-agent: ") && result.output.split(separator: "\n").count == 1, "\(result.output)"
        )
    }

    @Test(arguments: [["--broker", "unix:///b"], ["--host=i"], ["--state-dir", "/tmp/pm-none"]])
    func `an option that is given twice is refused`(arguments: [String]) async throws {
        let result = try await run(Self.good + arguments)
        let flag = arguments[0].split(separator: "=")[0]
        #expect(result.code == 100 && result.output == "pm-agent: \(flag) is given twice (see --help)\n")
    }

    @Test(arguments: [
        "", "[]", "{", #"{"hots":"h"}"#, #"{"labels":[]}"#, #"{"labels":{"a":1}}"#,
        #"{"stop_grace":"1"}"#, #"{"stop_grace":-1}"#,
        #"{"request_ttl":null}"#, #"{"max_processes":0}"#, #"{"max_processes":10001}"#, #"{"health_interval":0.01}"#,
        #"{"host":"h","host":"h"}"#,
        #"{"max_processes":1.5}"#,
    ])
    func `a wrong configuration file ends with 100 and one line`(text: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "agent.json")
        let result = try await run(Self.good + ["--check-config", "--config", "\(folder.path)/agent.json"])
        #expect(result.code == 100)
        #expect(
            result.output.hasPrefix("pm-agent: ") && result.output.split(separator: "\n").count == 1, "\(result.output)"
        )
    }

    @Test func `--check-config ends with 0 and does nothing`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            #"{"host":"h","broker":"mqtt://u:p@h:1","state_dir":"\#(folder.path)/state","health_interval":1,"request_ttl":0,"stop_grace":0,"max_processes":1,"labels":{"a":"b"}}"#,
            to: "agent.json")
        let result = try await run(["--check-config", "--config=\(folder.path)/agent.json"])
        #expect(result.code == 0 && result.output.isEmpty)
        #expect(access("\(folder.path)/state", F_OK) != 0)
    }

    @Test func `a flag takes precedence over a variable, and that over the file`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(#"{"host":"hub"}"#, to: "agent.json")
        let file = ["--check-config", "--config", "\(folder.path)/agent.json"]
        let environment = ["PM_BROKER=unix:///b", "PM_STATE_DIR=/tmp/pm-none"]
        #expect(try await run(file, environment: environment).code == 100)
        #expect(try await run(file, environment: environment + ["PM_HOST=h"]).code == 0)
        #expect(try await run(file + ["--host=hub"], environment: environment + ["PM_HOST=h"]).code == 100)
        #expect(try await run(file + ["--host=h"], environment: environment + ["PM_HOST=hub"]).code == 0)
    }

    @Test func `a state directory that can't be made ends with 111 and one line`() async throws {
        let result = try await run(["--host", "h", "--broker", "unix:///b", "--state-dir", "/dev/null/state"])
        #expect(result.code == 111)
        #expect(result.output.contains(" error pm-agent: ") && result.output.split(separator: "\n").count == 1)
    }

    @Test func `a second agent on the same state directory ends with 111 and one line`() async throws {
        try await withAgent { bench in
            let second = try await run([
                "--host", "h2", "--broker", bench.broker.url, "--state-dir", bench.agent.stateDirectory,
            ])
            #expect(second.code == 111)
            #expect(
                second.output.contains("another agent uses") && second.output.split(separator: "\n").count == 1,
                "\(second.output)")
            // The first agent is not affected. After its death, even a sudden one, the directory is free.
            #expect(try await bench.method("get_health")["status"] == "success")
            bench.agent.kill()
            try bench.agent.start()
            try await bench.isOnline()
        }
    }
}
