import Glibc
import TestSupport
import Testing

/// The keeper's signals and exit code, and that it leaks nothing.
@Suite(.serialized) struct FaultKeeperTests {
    @Test(arguments: [SIGTERM, SIGINT]) func `a signal to the keeper stops all in order`(signal: Int32) async throws {
        try await withAgent { bench in
            let said = "\(bench.agent.folder.path)/said"
            let script = "trap 'echo told >> \(said); exit 0' TERM; echo up; while :; do sleep 0.02; done"
            _ = try await bench.start(.shell(script, name: "a"))
            try await bench.written("up", by: "a")
            bench.agent.signal(signal)
            #expect(try await bench.agent.ended() == 0)
            #expect(bench.agent.folder.read("said") == "told\n")
            // Two signals would have been taken as a request to stop at once.
            #expect(bench.agent.log.contains("pm-agent: stopping\n"))
            #expect(!bench.agent.log.contains("stopping at once"))
            let late = try await TestClient(bench.broker)
            try await late.subscribe(bench.topic("status"))
            #expect(try await late.next(on: bench.topic("status")).text == "offline")
        }
    }

    @Test func `a terminal's ^C reaches the worker once`() async throws {
        try await withAgent { bench in
            // A terminal sends the signal to the whole foreground process group.
            #expect(bench.agent.worker?.group != SystemProcess(bench.agent.pid).group)
            #expect(kill(pid_t(-bench.agent.pid), SIGINT) == 0)
            let status = try await bench.agent.ended()
            #expect(status == 0)
            #expect(!bench.agent.log.contains("stopping at once"))
        }
    }

    @Test func `SIGTERM while there is no worker stops all processes`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a"))
            // From the second crash on, the keeper delays the next worker.
            try await bench.crashWorker()
            let worker = try #require(bench.agent.worker)
            worker.kill()
            try await eventually("the worker's end") { !worker.exists }
            bench.agent.signal(SIGTERM)
            #expect(try await bench.agent.ended() == 0)
            #expect(!SystemProcess(pid).exists)
        }
    }

    @Test func `the agent fails if its worker can't start`() async throws {
        try await withAgent { bench in
            let other = try ChildProcess(bench.agent.command, log: "\(bench.agent.folder.path)/other")
            let status = try await other.ended()
            #expect(status & 0x7F == 0 && status >> 8 == 111)
            #expect(bench.agent.folder.read("other").contains("another agent uses"))
            _ = try await bench.ask(.listActiveProcesses)
        }
    }

    @Test func `500 processes and 5 workers leave nothing behind in keeper and worker`() async throws {
        try await withAgent { bench in
            func descriptors() throws -> [Int] {
                let worker = try #require(bench.agent.worker)
                return [SystemProcess(bench.agent.pid).descriptors.count, worker.descriptors.count]
            }
            func runSome(_ count: Int) async throws {
                for _ in 0..<count {
                    _ = try await bench.ask(.startProcess(path: "/bin/true", args: []))
                }
                try await eventually("the end of all") { bench.agent.descendants.isEmpty }
                try await bench.expect(.listActiveProcesses, ["list_active_processes": ["pids": []]])
            }
            // Descriptors that are opened once and kept are no leak.
            try await runSome(10)
            try await bench.crashWorker()
            try await runSome(10)
            let before = try descriptors()
            for _ in 1...5 {
                try await runSome(100)
                try await bench.crashWorker()
            }
            try await runSome(10)
            // Some of the descriptors before may have been short-lived.
            var after: [Int] = []
            do {
                try await eventually("no descriptor more") {
                    after = try descriptors()
                    return zip(after, before).allSatisfy { $0 <= $1 }
                }
            } catch { throw TestError("\(error): \(before), then \(after): \(bench.agent.worker?.descriptors ?? [:])") }
            let zombies = SystemProcess(bench.agent.pid).children.filter { $0.state == "Z" }
            #expect(zombies.isEmpty)
        }
    }
}
