import Glibc
import TestSupport
import Testing

/// `examples/python/pmctl_client.py`, run as a user runs it.
@Suite(.enabled(if: Python.pahoObstacle == nil, "needs python3 and python3-paho-mqtt"))
struct PythonClientTests {
    private static let header = "PROCESS              STATE          PID  COMMAND\n"
    private static let script = "\(Shell.root)/examples/python/pmctl_client.py"

    private func command(_ bench: AgentBench) -> [String] {
        [Python.path, Self.script, "--broker", "127.0.0.1:\(bench.broker.port)", "--host", bench.host]
    }

    @Test func `the client lists, starts, watches and kills`() async throws {
        try await withAgent(.init(host: "box"), broker: .init(tcp: true)) { bench in
            let client = command(bench)
            let folder = bench.agent.folder
            let shell = Shell(folder: folder, environment: [])
            #expect(try await shell.run(client + ["list"]) == Self.header)

            try folder.write(#"{"name":"web","command":"sleep 1000"}"#, to: "web.json")
            let started = try await shell.run(client + ["start", "\(folder.path)/web.json"])
            #expect(started.hasPrefix("started web, pid "))
            let pid = try #require(Int32(started.filter(\.isNumber)))
            #expect(kill(pid, 0) == 0)
            let listed = try await shell.run(client + ["list"])
            #expect(listed.hasPrefix("\(Self.header)web ") && listed.hasSuffix(" \(pid)  sleep 1000\n"), "\(listed)")

            let watch = try ChildProcess(client + ["watch"], log: "\(folder.path)/watch")
            try await eventually("health with one process") {
                folder.read("watch").contains(" good 1 running, 0 failed\n")
            }
            watch.signal(SIGINT)
            #expect(try await watch.ended() == 0)

            #expect(try await shell.run(client + ["kill", "web"]) == "killed web\n")
            #expect(kill(pid, 0) == -1)
            let again = try await shell.run(client + ["kill", "web"], exitCode: 1)
            #expect(again == "pmctl_client.py: process failed to be killed: web is not running\n")
        }
    }

    @Test func `without a broker the client fails and says why`() async throws {
        let shell = Shell(folder: try TemporaryFolder(), environment: [])
        let command = [Python.path, Self.script, "--broker", "127.0.0.1:1", "--host", "box", "list"]
        let output = try await shell.run(command, exitCode: 1)
        #expect(output.hasPrefix("pmctl_client.py: no connection to the broker: "), "\(output)")
    }
}
