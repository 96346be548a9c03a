import Glibc
import TestSupport
import Testing

/// Remnants of an ended main process are ended and reported (`left_behind`).
@Suite(.serialized) struct LeftBehindTests {
    @Test func `remnants are reported until the process runs again`() async throws {
        try await withAgent { bench in
            let folder = bench.agent.folder.path
            // One of the remnants has its own session.
            let child = "\(try Binaries.testChild) --double-fork 1 --ready-line up > \(folder)/up"
            let script =
                "[ -e \(folder)/again ] && exec sleep 1000; \(child) & "
                + "while ! [ -s \(folder)/up ]; do sleep 0.01; done; exit 3"
            _ = try await bench.start(.shell(script, name: "a"))
            let expected: JSONValue = ["count": 2, "names": ["test-child", "test-child"]]
            let entry = try await bench.state("exited", of: "a")
            #expect(entry["left_behind"] == expected && entry["exit_code"] == 3)
            #expect(bench.agent.log.contains("a has ended and left behind 2 processes: test-child, test-child"))
            #expect(bench.agent.descendants.isEmpty)
            try await bench.crashWorker()
            #expect(try await bench.entry("a")["left_behind"] == expected)
            try bench.agent.folder.write("", to: "again")
            #expect(try await bench.reset("a") != nil)
            #expect(try await bench.entry("a")["left_behind"] == nil)
        }
    }

    @Test func `only some of many remnants are named`() async throws {
        try await withAgent { bench in
            let child = try Binaries.testChild
            let script =
                "\(child) --fork 20 --ready-line up > \(bench.agent.folder.path)/up & "
                + "while ! [ -s \(bench.agent.folder.path)/up ]; do sleep 0.01; done"
            _ = try await bench.start(.shell(script, name: "a"))
            let told = try await bench.state("exited", of: "a")["left_behind"]
            #expect(told?["count"]?.integer ?? 0 >= 21 && told?["names"]?.array?.count == 8)
        }
    }

    @Test func `a remnant that had to be killed is reported too`() async throws {
        try await withAgent { bench in
            let child = try Binaries.testChild
            let up = "\(bench.agent.folder.path)/up"
            let script =
                "trap 'exit 0' TERM; \(child) --ignore-term --ready-line up > \(up) & "
                + "while ! [ -s \(up) ]; do sleep 0.01; done; echo up; while :; do sleep 0.01; done"
            _ = try await bench.start(.shell(script, name: "a").ready(line: "up").with("stop", ["grace": 0.5]))
            try await bench.state("running", of: "a")
            try await bench.kill("a")
            #expect(try await bench.entry("a")["left_behind"] == ["count": 1, "names": ["test-child"]])
        }
    }

    @Test func `a process that ends its own children has no remnants`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.shell("sleep 0.01 & wait; exit 0", name: "a"))
            #expect(try await bench.state("exited", of: "a")["left_behind"] == nil)
            _ = try await bench.start(.shell("sleep 1000 & wait", name: "b"))
            try await bench.kill("b")
            #expect(try await bench.entry("b")["left_behind"] == nil)
        }
    }
}
