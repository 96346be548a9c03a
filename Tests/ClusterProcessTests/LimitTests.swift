import TestSupport
import Testing

/// Limits on requests, and their lines in the audit log.
@Suite(.serialized) struct LimitTests {
    @Test func `requests at the size limit and one byte above it, each with a line in the audit log`() async throws {
        try await withCluster(hosts: [], configuration: #"{"max_payload":1024}"#) { bench in
            let frame = #"{"method":"get_health","padding":""}"#
            for (size, result) in [(1_024, "success"), (1_025, "malformed_request")] {
                let padding = String(repeating: "x", count: size - frame.utf8.count)
                let answer = try await bench.ask("node", .call("get_health").with("padding", .string(padding)))[
                    "result"]
                #expect((answer?["error"]?["code"] ?? answer?["status"])?.string == result)
            }
            let lines = bench.cluster.folder.read("state/audit.log").split(separator: "\n")
            let results = try lines.map { try JSONValue(String($0))["result"] }
            #expect(results == ["success", "malformed_request"])
        }
    }

    @Test func `above the limit of pending requests, a removal is still accepted`() async throws {
        try await withVMs(configuration: #"{"max_requests":2}"#) { bench, host in
            host.behave { $0.boots = false }
            var answers: [() async throws -> JSONValue] = []
            for id in ["a", "b"] {
                let allocate = #"{"vm_id":"\#(id)","config":{"command":"/bin/x"}}"#
                answers.append(
                    try await bench.inbox("vm", #"{"method":"allocate_vm","args":\#(allocate)}"#))
            }
            let third = try await bench.method("vm", .allocateVM(nil, .command("/bin/x")))
            #expect(third["error"]?["code"] == "no_capacity")
            #expect(try await bench.method("vm", .removeVM("a"))["status"] == "success")
            #expect(try await answers[0]()["result"]?["status"] == "failed")
            #expect(try await bench.method("vm", "get_vms")["status"] == "success")
        }
    }

    @Test func `above the request rate, a removal is still accepted`() async throws {
        try await withVMs(configuration: #"{"max_requests_per_second":2}"#) { bench, host in
            var refused = 0
            for _ in 0..<50 where try await bench.method("vm", "get_vms")["error"]?["code"] == "no_capacity" {
                refused += 1
                let removal = try await bench.method("vm", .removeVM("a"))
                #expect(removal["error"]?["code"] == "no_such_vm")
            }
            #expect(refused > 0)
            try await eventually("there is room again") {
                try await bench.method("vm", "get_vms")["status"] == "success"
            }
        }
    }
}
