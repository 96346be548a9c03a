import Glibc
import TestSupport
import Testing

/// A process's whole tree ends with it. Members are found by their cgroup, or without cgroups by their mark.
@Suite(.serialized, .enabled(if: geteuid() == 0)) struct TreeTests {
    enum Manner: String, CaseIterable { case cgroup, mark }

    static let families = [
        "--fork 3", "--double-fork 2", "--setsid-grandchild",
        "--ignore-term --fork 2 --double-fork 2 --setsid-grandchild",
    ]

    /// Unmounts every cgroup v2 file system in the agent's mount namespace.
    private static let blindfold = [
        "/usr/bin/unshare", "-m", "/bin/sh", "-c",
        #"while read -r _ path type _; do [ $type != cgroup2 ] || umount -l "$path"; done </proc/mounts; exec "$@""#,
        "sh",
    ]

    private func withTrees(_ manner: Manner, _ body: (AgentBench) async throws -> Void) async throws {
        let wrapper = manner == .mark ? Self.blindfold : []
        try await withAgent(.init(configuration: #"{"stop_grace":0.3}"#, wrapper: wrapper)) { bench in
            let info = try await bench.watcher(of: bench.topic("info")).next { _ in true }.value
            let reason = info["limits"]?["pids"]?["reason"]?.string ?? ""
            #expect(reason.hasPrefix("no cgroup v2 here") == (manner == .mark), "\(reason)")
            try await body(bench)
        }
    }

    private func members(_ bench: AgentBench) -> [SystemProcess] {
        bench.agent.folder.read("pids").split(separator: "\n").compactMap { Int($0) }.map { SystemProcess($0) }
    }

    private func config(_ bench: AgentBench, _ family: String, _ more: String = "") throws -> String {
        let child = try testChild("--pid-file \(bench.agent.folder.path)/pids \(family) --ready-line up \(more)")
        return #"{"name":"a","command":\#(child),"ready":{"log_line":"up"}}"#
    }

    @Test(arguments: Manner.allCases, families) func `a stop ends the whole tree`(manner: Manner, family: String)
        async throws
    {
        try await withTrees(manner) { bench in
            _ = try await bench.start(config: config(bench, family))
            try await bench.state("running", of: "a")
            let all = members(bench)
            #expect(all.count > 2 && !all.contains { $0.hasEnded })
            try await bench.kill("a")
            #expect(all.allSatisfy { $0.hasEnded }, "\(all.filter { !$0.hasEnded })")
            #expect(bench.agent.descendants.isEmpty)
        }
    }

    @Test(arguments: Manner.allCases, families)
    func `the remnants of a main process are ended`(manner: Manner, family: String) async throws {
        try await withTrees(manner) { bench in
            _ = try await bench.start(config: config(bench, family, "--exit 3"))
            let entry = try await bench.state("exited", of: "a")
            #expect(entry["exit_code"] == 3)
            let all = members(bench)
            #expect(all.count > 2 && all.allSatisfy { $0.hasEnded }, "\(all.filter { !$0.hasEnded })")
        }
    }

    @Test(arguments: Manner.allCases) func `a restart begins when the whole tree is gone`(manner: Manner)
        async throws
    {
        try await withTrees(manner) { bench in
            let script =
                "[ ! -e last ] || [ ! -e /proc/$(cat last) ] || echo both > both; setsid sleep 1000 & echo $! > last; exit 1"
            _ = try await bench.start(
                .shell(script, name: "a").path(bench.agent.folder.path).with(
                    "restart", ["policy": "always", "delay": 0, "start_limit": 5]))
            try await bench.state("failed", of: "a")
            #expect(bench.agent.folder.read("last") != "" && bench.agent.folder.read("both") == "")
            #expect(bench.agent.descendants.isEmpty)
        }
    }

    @Test(arguments: Manner.allCases) func `a stop ends no other process`(manner: Manner) async throws {
        try await withTrees(manner) { bench in
            let other = try await bench.start(.shell("sleep 1000 & sleep 1000; :", name: "b"))
            _ = try await bench.start(config: config(bench, "--fork 2"))
            try await bench.state("running", of: "a")
            try await eventually("the other's child") {
                bench.agent.descendants.filter { $0.session == other }.count == 3
            }
            try await bench.kill("a")
            #expect(bench.agent.descendants.filter { $0.session == other }.count == 3)
        }
    }
}
