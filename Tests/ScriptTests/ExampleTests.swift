import Glibc
import TestSupport
import Testing

/// The shell examples, run as a user runs them.
@Suite(.serialized) struct ExampleTests {
    @Test(arguments: [[], ["--hub"]])
    func `the examples start, query, list and stop a process`(way: [String]) async throws {
        try await withAgent(.init(host: "box"), broker: .init(hub: true, tcp: true)) { bench in
            let shell = Shell(folder: bench.agent.folder, environment: ["PM_BROKER_PORT=\(bench.broker.port)"])
            let started = try await shell.example(
                "start", way + ["box", "/bin/sh", "-c", "sleep 1000 # \"\\ and\ttab"])
            let pid = try #require(Shell.pid(in: started))
            #expect(kill(pid, 0) == 0)
            #expect(started == Self.answer("\"start_process\":{\"pid\":\(pid),\"success\":true}", way))

            let queried = try await shell.example("query", way + ["box", "\(pid)"])
            #expect(queried == Self.answer(#""query_process_status":{"running":true,"success":true}"#, way))
            let listed = try await shell.example("list", way + ["box"])
            #expect(listed == Self.answer(#""list_active_processes":{"pids":[\#(pid)]}"#, way))

            let stopped = try await shell.example("stop", way + ["box", "\(pid)"])
            #expect(stopped == Self.answer(#""stop_process":{"success":true}"#, way))
            #expect(kill(pid, 0) == -1)
        }
    }

    @Test func `without arguments the examples print their usage`() async throws {
        let shell = Shell(folder: try TemporaryFolder(), environment: [])
        for name in ["start", "stop", "query", "list"] {
            #expect(
                try await shell.run(["\(Shell.root)/scripts/examples/\(name).sh"], exitCode: 100).hasPrefix("usage: "))
        }
    }

    private static func answer(_ body: String, _ way: [String]) -> String {
        way.isEmpty ? "{\(body)}\n" : "{\(body),\"host_name\":\"box\",\"success\":true}\n"
    }
}
