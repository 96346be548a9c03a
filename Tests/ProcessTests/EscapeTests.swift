import Glibc
import TestSupport
import Testing

/// Processes that leave their cgroup or lose their mark: each is ended and adopted like any other.
@Suite(.serialized, .enabled(if: geteuid() == 0)) struct EscapeTests {
    static let escapes =
        Escape.Way.allCases.flatMap { way in
            AgentPlace.all.filter(way.isPossible).map { Escape(way: way, place: $0) }
        }

    @Test(arguments: escapes) func `a stop ends an escaped process`(escape: Escape) async throws {
        try await withEscape(escape) { bench, _ in
            let all = escape.members(bench)
            try await bench.kill("a")
            expectGone(all)
        }
    }

    @Test(arguments: escapes) func `a reset ends an escaped process before it starts the next`(
        escape: Escape
    ) async throws {
        try await withEscape(escape) { bench, pid in
            let all = escape.members(bench)
            let result = try await bench.method(.resetProcess("a"))
            #expect(result["status"] == "success", "\(result)")
            expectGone(all)
            let entry = try await bench.entry("a")
            #expect(entry["pid"]?.integer != pid)
        }
    }

    @Test(arguments: escapes) func `an escaped process ends with its agent`(escape: Escape) async throws {
        try await withEscape(escape) { bench, _ in
            let all = escape.members(bench)
            let status = try await bench.agent.stop()
            #expect(status == 0)
            expectGone(all)
            #expect(!bench.agent.log.contains("leaves behind"))
        }
    }

    enum Death: CaseIterable { case worker, both }

    @Test(arguments: escapes, Death.allCases) func `an escaped process is adopted, and never doubled`(
        escape: Escape, death: Death
    ) async throws {
        try await withEscape(escape) { bench, pid in
            let all = escape.members(bench)
            switch death {
            case .worker: try await bench.crashWorker()
            case .both:
                bench.agent.kill()
                try await bench.startAgentAgain()
            }
            let entry = try await bench.entry("a")
            #expect(entry["pid"]?.integer == pid && entry["state"] == "running" && entry["restarts"] == 0)
            #expect(escape.members(bench) == all, "a copy was started")
            try await bench.kill("a")
            expectGone(all)
        }
    }

    @Test(arguments: escapes) func `the remnants of an escaped process are ended, too`(escape: Escape) async throws {
        try await withEscape(escape) { bench, pid in
            let all = escape.members(bench)
            SystemProcess(pid).kill()
            try await bench.state("exited", of: "a")
            expectGone(all)
        }
    }

    private func expectGone(_ processes: [SystemProcess], sourceLocation: SourceLocation = #_sourceLocation) {
        let left = processes.filter { !$0.isGone }
        #expect(left.isEmpty, sourceLocation: sourceLocation)
    }

    /// - Parameter body: gets the pid of the process `a`, which has escaped.
    private func withEscape(_ escape: Escape, _ body: (AgentBench, Int) async throws -> Void) async throws {
        try await escape.place.withAgent { bench in
            let pid = try await bench.start(config: escape.config(bench))
            try await bench.state("running", of: "a")
            #expect(escape.members(bench).contains(SystemProcess(pid)))
            do { try await body(bench, pid) } catch {
                for process in escape.members(bench) where !process.isGone { process.kill() }
                throw error
            }
            for process in escape.members(bench) where !process.isGone { process.kill() }
        }
    }
}

/// How a process leaves its cgroup or loses its mark, and under which agent.
struct Escape: CustomTestStringConvertible, Sendable {
    enum Way: String, CaseIterable, Sendable {
        case cgroup, limits, thread, setuid, setgid, setuidChild, becomesOwner
        case runawayCgroup, runawayRealtime, runawayLocks, runawayAll

        func isPossible(_ place: AgentPlace) -> Bool {
            switch self {
            case .cgroup, .runawayCgroup, .runawayAll: place.means == .cgroup
            case .setuid, .setgid, .setuidChild: place.user != 0
            // A process that has become root can't be signalled, but its cgroup can be killed.
            case .becomesOwner: place.user != 0 && place.means == .cgroup
            case .limits, .thread, .runawayRealtime, .runawayLocks: true
            }
        }
    }

    let way: Way
    let place: AgentPlace

    var testDescription: String { "\(way) \(place.testDescription)" }

    func config(_ bench: AgentBench) throws -> String {
        let folder = bench.agent.folder.path
        let own = "--cgroup \(place.cgroup)/\(folder.split(separator: ".").last ?? "")"
        let (program, options) =
            switch way {
            case .cgroup: (try Binaries.testChild, "--fork 1 \(own)")
            case .limits: (try Binaries.testChild, "--fork 1 --limit-locks --limit-rttime")
            case .thread: (try Binaries.testChild, "--fork 1 --end-first-thread")
            case .setuid: (try copy(in: folder, mode: 0o4755), "--fork 1 --double-fork 1")
            case .becomesOwner: (try copy(in: folder, mode: 0o4755), "--become-owner --fork 1")
            case .setgid: (try copy(in: folder, mode: 0o2755), "--fork 1 --double-fork 1")
            case .setuidChild: (try copy(in: folder, mode: 0o4755), "--setsid-grandchild")
            case .runawayCgroup: (try Binaries.testChild, "--runaway 2 \(own)")
            case .runawayRealtime: (try Binaries.testChild, "--runaway 2 --limit-rttime")
            case .runawayLocks: (try Binaries.testChild, "--runaway 2 --limit-locks")
            case .runawayAll: (try Binaries.testChild, "--runaway 2 --limit-locks --limit-rttime \(own)")
            }
        let command = "\(program) --pid-file \(folder)/pids --ready-line up \(options)"
        let script = way == .setuidChild ? "echo $$ >>\(folder)/pids; \(command) & wait" : "exec \(command)"
        return
            #"{"name":"a","command":\#(shell(script)),"ready":{"log_line":"up"},"restart":{"policy":"never"}}"#
    }

    func copy(in folder: String, mode: mode_t) throws -> String {
        let path = "\(folder)/copy"
        let copying = try ChildProcess(["/bin/cp", try Binaries.testChild, path], log: "/dev/null")
        _ = copying.wait()
        guard chown(path, 0, 0) == 0, chmod(path, mode) == 0 else { throw TestError.system(path) }
        return path
    }

    /// All processes of the tree, which have written their pids to a file.
    func members(_ bench: AgentBench) -> [SystemProcess] {
        bench.agent.folder.read("pids").split(separator: "\n").compactMap { Int($0) }.map { SystemProcess($0) }
    }
}

extension SystemProcess {
    /// Whether nothing of it runs: its first thread may have ended before the others.
    var isGone: Bool { hasEnded && TemporaryFolder.names(in: "/proc/\(pid)/task").count <= 1 }
}
