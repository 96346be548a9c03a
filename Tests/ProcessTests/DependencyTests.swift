import Glibc
import TestSupport
import Testing

/// `depends_on`: the order of starts and of stops.
@Suite(.serialized) struct DependencyTests {
    @Test func `a process waits until all it depends on are up`() async throws {
        try await withAgent { bench in
            let folder = bench.agent.folder.path
            for name in ["b", "c"] {
                let script = "while ! [ -e \(folder)/\(name) ]; do sleep 0.01; done; echo up; sleep 1000"
                _ = try await bench.start(.shell(script, name: name).ready(line: "up"))
            }
            let answer = try await bench.inbox(of: .startProcess(.sleep("a").dependsOn("b", "c")))
            let waiting = try await bench.state("starting", of: "a")
            #expect(waiting["pid"] == nil && waiting["want"] == "up")
            try bench.agent.folder.write("", to: "b")
            try await bench.state("running", of: "b")
            #expect(try await bench.entry("a")["state"] == "starting")
            try bench.agent.folder.write("", to: "c")
            let pid = try #require(try await answer()["result"]?["pid"]?.integer)
            #expect(try await bench.state("running", of: "a")["pid"]?.integer == pid)
        }
    }

    @Test func `a waiting process can be stopped`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.sleep("b").ready(fd: 3))
            let answer = try await bench.inbox(
                of: .startProcess(.command("sleep 1", name: "a").dependsOn("b"))
            )
            try await bench.state("starting", of: "a")
            try await bench.kill("a")
            let failed = try await answer()["result"]
            #expect(failed?["error"] == ["code": "not_allowed", "detail": "stopped by another request"])
            #expect(try await bench.entry("a")["state"] == "exited")
        }
    }

    @Test func `a wait that can't end is reported`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.sleep("b").ready(line: "up"))
            let answer = try await bench.inbox(of: .startProcess(.sleep("a").dependsOn("b")))
            try await bench.state("starting", of: "a")
            try await bench.kill("b")
            let failed = try await answer()["result"]
            #expect(failed?["error"] == ["code": "not_allowed", "detail": "waits for b, which is exited"])
            try await bench.health(["process a waits for b, which is exited"])
            _ = try await bench.method(.removeProcess("b"))
            _ = try await bench.entry("a") { $0["error"] == "waits for b, which is unknown" }
            _ = try await bench.start(.sleep("b"))
            #expect(try await bench.state("running", of: "a")["error"] == nil)
            try await bench.kill("b")
            try await bench.expectFailure(
                .startProcess(.command("sleep 1", name: "c").dependsOn("b")),
                "not_allowed", "depends on b, which is exited")
        }
    }

    @Test func `unknown and circular dependencies are refused`() async throws {
        try await withAgent { bench in
            try await bench.expectFailure(
                .startProcess(.command("sleep 1", name: "a").dependsOn("b")),
                "no_such_process", "depends on b, which is unknown")
            try await bench.expectFailure(
                .startProcess(.command("sleep 1", name: "a").dependsOn("a")),
                "invalid_argument", "config.depends_on[0] is the process itself")
            _ = try await bench.start(.sleep("c"))
            _ = try await bench.start(.sleep("b").dependsOn("c"))
            _ = try await bench.start(.sleep("a").dependsOn("b"))
            try await bench.kill("c")
            for (id, by) in [("b", "b"), ("a", "a")] {
                try await bench.expectFailure(
                    .startProcess(.command("sleep 1", name: "c").dependsOn(id)),
                    "invalid_argument", "depends on \(by), which depends on it")
            }
        }
    }

    @Test func `a reset of a dependency leaves its dependants alone`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.sleep("b"))
            let pid = try await bench.start(.sleep("a").dependsOn("b"))
            #expect(try await bench.reset("b") != nil)
            #expect(try await bench.entry("a")["pid"]?.integer == pid)
        }
    }

    @Test(arguments: ["SIGTERM", "shutdown"]) func `the agent's end stops no process before its dependants`(end: String)
        async throws
    {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            let order = "\(bench.agent.folder.path)/order"
            // Named so that the order of the names is not the order of the stops.
            for (id, needs) in [("m", ""), ("z", #""m""#), ("b", #""z""#), ("c", #""b","m""#)] {
                let script =
                    "trap 'sleep 0.05; echo \(id) >> \(order); exit' TERM; echo up; while :; do sleep 0.01; done"
                _ = try await bench.start(
                    config:
                        #"{"name":"\#(id)","command":\#(shell(script)),"ready":{"log_line":"up"},"depends_on":[\#(needs)]}"#
                )
            }
            try await bench.state("running", of: "c")
            if end == "shutdown" {
                try await bench.expectMethod(
                    "shutdown", "{}", ["status": "success", "message": "agent is shutting down"])
                #expect(try await bench.agent.ended() == 0)
            } else {
                #expect(try await bench.agent.stop() == 0)
            }
            #expect(bench.agent.folder.read("order") == "c\nb\nz\nm\n")
            try await eventually("offline") { bench.agent.descendants.isEmpty }
        }
    }
}
