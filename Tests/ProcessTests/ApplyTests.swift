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

    /// Applies a list on behalf of an owner (nil: none) and returns the result.
    private func apply(_ names: [String], of owner: String?, _ bench: AgentBench, prune: Bool = true) async throws
        -> JSONValue
    {
        var arguments: [String: JSONValue] = [
            "processes": .array(names.map { ["name": .string($0), "command": "sleep 1000"] })
        ]
        if let owner { arguments["owner"] = .string(owner) }
        if !prune { arguments["prune"] = false }
        return try await bench.method(.call("apply", .object(arguments)))
    }

    @Test(arguments: ["none", "worker", "agent"]) func `apply touches only the processes of its owner`(ends: String)
        async throws
    {
        try await withAgent { bench in
            _ = try await bench.start(.sleep("mine").with("persist", true))
            #expect(try await apply(["web", "db"], of: "deployment:shop", bench)["started"] == ["web", "db"])
            #expect(try await apply(["web2"], of: "deployment:blog", bench)["started"] == ["web2"])
            switch ends {
            case "worker": try await bench.crashWorker()
            case "agent":
                bench.agent.kill()
                try await bench.startAgentAgain()
            default: break
            }
            let own = try await bench.method("get_processes", #"{"owner":"deployment:shop"}"#)["process"]?.array ?? []
            #expect(own.map { $0["process_id"]?.string } == ["db", "web"])
            #expect(own.allSatisfy { $0["owner"] == "deployment:shop" })
            #expect(try await bench.entry("mine")["owner"] == nil)
            // Names that others hold are refused, and nothing of others is removed.
            let result = try await apply(["web", "mine", "web2"], of: "deployment:shop", bench)
            #expect(result["removed"] == ["db"] && result["unchanged"] == ["web"])
            let refusals = result["failed"]?.array?.map {
                "\($0["error"]?["code"]?.string ?? "") \($0["error"]?["detail"]?.string ?? "")"
            }
            #expect(
                refusals == [
                    "name_in_use mine was started by a request", "name_in_use web2 belongs to deployment:blog",
                ])
            let unowned = try await apply(["web"], of: nil, bench)
            #expect(unowned["removed"] == ["mine"] && unowned["failed"]?.array?.count == 1)
            #expect(try await states(bench) == ["web running", "web2 running"])
            #expect(try await apply([], of: nil, bench)["removed"] == [])
            // Without prune, what is not listed stays.
            let added = try await apply(["more"], of: "deployment:shop", bench, prune: false)
            #expect(added["started"] == ["more"] && added["removed"] == [])
            _ = try await apply([], of: "deployment:shop", bench)
            #expect(try await states(bench) == ["web2 running"])
        }
    }

    @Test func `unknown fields of a config are ignored and listed`() async throws {
        try await withAgent { bench in
            let start = #"{"config":{"name":"a","command":"sleep 1000","colour":"red","restart_delay":1}}"#
            let started = try await bench.method("start_process", start)
            #expect(started["ignored"] == ["colour", "restart_delay"])
            let list =
                #"{"processes":[{"name":"a","command":"sleep 1000"},{"name":"b","command":"sleep 1000","size":1}]}"#
            let applied = try await bench.method("apply", list)
            #expect(applied["ignored"] == ["processes[1].size"])
            #expect(try await bench.method(.getProcess("a"))["ignored"] == nil)
        }
    }

    @Test func `apply without an owner leaves nodes alone, and does not start them`() async throws {
        try await withAgent { bench in
            _ = try await bench.method("start_process", #"{"config":{"name":"shelf","driver":"node"}}"#)
            #expect(try await bench.entry("shelf")["owner"] == "cluster")
            #expect(try await apply([], of: nil, bench)["removed"] == [])
            let refused = try await bench.method("apply", #"{"processes":[{"name":"other","driver":"node"}]}"#)
            #expect(refused["failed"]?.array?.first?["error"]?["detail"] == "nodes and VMs belong to the owner cluster")
            #expect(try await states(bench) == ["shelf running"])
            #expect(try await apply([], of: "cluster", bench)["removed"] == ["shelf"])
        }
    }
}
