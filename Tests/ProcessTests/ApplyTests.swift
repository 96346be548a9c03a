import Glibc
import TestSupport
import Testing

/// `apply`: the host runs exactly what the list says.
@Suite(.serialized) struct ApplyTests {
    private func difference(
        started: [String] = [], reset: [String] = [], updated: [String] = [], removed: [String] = [],
        unchanged: [String] = [],
        failed: [JSONValue] = []
    ) -> [String: JSONValue] {
        func names(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }
        return [
            "status": "success", "message": "processes applied successfully", "started": names(started),
            "reset": names(reset), "updated": names(updated), "removed": names(removed),
            "unchanged": names(unchanged), "failed": .array(failed),
        ]
    }

    private func states(_ bench: AgentBench) async throws -> [String?] {
        let entries = try await bench.method("get_processes")["process"]?.array ?? []
        return entries.map { "\($0["process_id"]?.string ?? "") \($0["state"]?.string ?? "")" }
    }

    @Test func `apply does what its dry run has said`() async throws {
        try await withAgent { bench in
            let same = try await bench.start(.sleep("same"))
            let other = try await bench.start(.sleep("other"))
            let extra = try await bench.start(.sleep("extra"))
            _ = try await bench.start(.command("true", name: "ended"))
            try await bench.state("exited", of: "ended")
            _ = try await bench.start(.command("true", name: "again"))
            try await bench.state("exited", of: "again")
            let list =
                #"[{"name":"same","command":["sleep","1000"]},{"name":"other","command":"sleep 2000"},{"name":"new","command":"sleep 1"},{"name":"again","command":"sleep 1000"}]"#
            var expected = difference(
                started: ["new"], reset: ["other", "again"], removed: ["extra", "ended"], unchanged: ["same"])
            expected["dry_run"] = true
            let before = try await states(bench)
            try await bench.expectMethod("apply", #"{"processes":\#(list),"dry_run":true}"#, .object(expected))
            #expect(try await states(bench) == before)
            expected["dry_run"] = nil
            let long = list.replacing(#""sleep 1"}"#, with: #""sleep 3000"}"#)
            try await bench.expectMethod("apply", #"{"processes":\#(long)}"#, .object(expected))
            #expect(try await states(bench) == ["again running", "new running", "other running", "same running"])
            #expect(try await bench.entry("same")["pid"]?.integer == same)
            #expect(!SystemProcess(other).exists && !SystemProcess(extra).exists)
            // A second time there is nothing to do.
            try await bench.expectMethod(
                "apply", #"{"processes":\#(long)}"#, .object(difference(unchanged: ["same", "other", "new", "again"])))
            try await bench.expectMethod(
                .call("apply", ["processes": []]), .object(difference(removed: ["same", "other", "new", "again"])))
            #expect(try await states(bench).isEmpty && bench.agent.descendants.isEmpty)
        }
    }

    @Test func `a process that fails is reported, and the others run`() async throws {
        try await withAgent { bench in
            let reason: JSONValue = ["code": "exec_failed", "detail": "program /no/such: no such file or directory"]
            try await bench.expectMethod(
                .call(
                    "apply",
                    ["processes": [["name": "a", "command": "/no/such"], ["name": "b", "command": "sleep 1000"]]]),
                .object(difference(started: ["b"], failed: [["process_id": "a", "error": reason]])))
            #expect(try await states(bench) == ["b running"])
            try await bench.expectMethod(
                .call("apply", ["processes": [["name": "b", "command": "/no/such"]]]),
                .object(difference(failed: [["process_id": "b", "error": reason]])))
            #expect(bench.agent.descendants.isEmpty)
        }
    }

    @Test func `each process starts after those that it depends on`() async throws {
        try await withAgent { bench in
            let order = "\(bench.agent.folder.path)/order"
            let configs = [("a", #""b""#), ("b", #""c""#), ("c", "")].map { name, needs in
                let script = shell("echo \(name) >> \(order); echo up; sleep 1000")
                return
                    #"{"name":"\#(name)","command":\#(script),"ready":{"log_line":"up"},"depends_on":[\#(needs)]}"#
            }
            let list = "[\(configs.joined(separator: ","))]"
            try await bench.expectMethod(
                "apply", #"{"processes":\#(list)}"#, .object(difference(started: ["c", "b", "a"])))
            try await eventually("all runs") { bench.agent.folder.read("order") == "c\nb\na\n" }
        }
    }

    @Test(arguments: [
        (#"[{"command":"sleep 1"}]"#, "missing_argument", "missing args.processes[0].name"),
        (#"[{"name":"a","command":"x"},{"name":"a","command":"y"}]"#, "invalid_argument", "two processes are named a"),
        (
            #"[{"name":"a","command":"x","depends_on":["b"]}]"#, "invalid_argument",
            "a depends on b, which is not among the processes"
        ),
        (
            #"[{"name":"a","command":"x","depends_on":["b"]},{"name":"b","command":"x","depends_on":["a"]}]"#,
            "invalid_argument", "a depends on itself in a circle"
        ),
        (
            #"[{"name":"n","command":"sleep 1"},{"name":"a","command":"x","nice":99}]"#, "invalid_argument",
            "args.processes[1].nice must be a whole number from -20 to 19"
        ),
    ])
    func `a list with a mistake changes nothing`(list: String, code: String, detail: String) async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("old"))
            try await bench.expectFailure("apply", #"{"processes":\#(list)}"#, code, detail)
            #expect(SystemProcess(pid).exists)
            #expect(try await states(bench) == ["old running"])
        }
    }
}
