import Glibc
import TestSupport
import Testing

/// A newborn that is stopped (SIGSTOP) between clone and exec blocks neither agent nor keeper, nor their end.
@Suite(.serialized, .enabled(if: geteuid() == 0, "needs root")) struct NewbornTests {
    private static let config =
        #"{"name":"a","command":"sleep 1000","user":"nobody","restart":{"policy":"never"}}"#
    private static let reason =
        "the new process was stopped before it could execute its program, and killed 3 s later"

    @Test(arguments: ["birth", "sendmsg", "chdir", "setuid"])
    func `a start with a stopped newborn fails, and the agent keeps working`(
        at call: String
    ) async throws {
        try await withAgent { bench in
            let (newborn, answer) = try await frozen(at: call, bench)
            let error = try await answer()["result"]?["error"]
            #expect(error == ["code": "exec_failed", "detail": .string(Self.reason)])
            #expect(newborn.hasEnded)
            let pid = try await bench.start(config: Self.config)
            try await eventually("the exec") { SystemProcess(pid).arguments == ["sleep", "1000"] }
        }
    }

    @Test(arguments: ["birth", "sendmsg", "setuid"]) func `a worker that dies while a newborn is stopped is replaced`(
        at call: String
    ) async throws {
        try await withAgent { bench in
            let (newborn, _) = try await frozen(at: call, bench)
            try await bench.crashWorker()
            // The newborn has executed or was killed; either way another process can be started.
            _ = try await bench.method(.killProcess("a"))
            try await eventually("its end") { newborn.hasEnded }
            _ = try await bench.start(config: Self.config)
        }
    }

    @Test(arguments: ["sendmsg", "setuid"])
    func `with a stopped newborn, a worker dies with its keeper, and the next agent starts`(
        at call: String
    ) async throws {
        try await withAgent { bench in
            let (newborn, _) = try await frozen(at: call, bench)
            let worker = try #require(bench.agent.worker)
            SystemProcess(bench.agent.pid).kill()
            try await eventually("the worker's end") { worker.hasEnded }
            try await bench.startAgentAgain()
            _ = try? await bench.method(.killProcess("a"))
            try await eventually("its end") { newborn.hasEnded }
            _ = try await bench.start(config: Self.config)
        }
    }

    @Test func `a worker that is stopped dies with its keeper`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(config: Self.config)
            let worker = try #require(bench.agent.worker)
            worker.kill(SIGSTOP)
            SystemProcess(bench.agent.pid).kill()
            try await eventually("the worker's end") { worker.hasEnded }
            try await bench.startAgentAgain()
            #expect(try await bench.entry("a")["pid"]?.integer == pid)
        }
    }

    /// Requests a start, and stops the newborn at a system call.
    ///
    /// - Returns: the newborn, and a function that waits for the answer.
    private func frozen(
        at call: String, _ bench: AgentBench
    ) async throws -> (SystemProcess, () async throws -> JSONValue) {
        let worker = try #require(bench.agent.worker)
        let folder = bench.agent.folder
        let freezer = try ChildProcess(
            [try Binaries.testChild, "--stop-newborn", "\(worker.pid)", "--at", call], log: "\(folder.path)/freezer")
        try await eventually("the tracer") { folder.read("freezer").hasPrefix("ready\n") }
        let answer = try await bench.inbox(
            of: #"{"method":"start_process","args":{"config":\#(Self.config)}}"#)
        #expect(try await freezer.ended() == 0)
        let newborn = folder.read("freezer").wholeMatch(of: /ready\nstopped (\d+)\n/).flatMap { Int($0.1) }
        return (SystemProcess(try #require(newborn)), answer)
    }
}
