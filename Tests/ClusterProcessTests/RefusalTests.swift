import TestSupport
import Testing

/// Requests that fail are answered with an error, and leave nothing behind.
@Suite(.serialized) struct RefusalTests {
    struct Case: Sendable, CustomStringConvertible {
        let kind: String
        let method: String
        let arguments: String
        let code: String
        let message: String

        var description: String { "\(method) \(arguments)" }

        init(_ kind: String, _ method: String, _ arguments: String, _ code: String, _ message: String) {
            self.kind = kind
            self.method = method
            self.arguments = arguments
            self.code = code
            self.message = message
        }
    }

    private static let process = #""config":{"command":"sleep 1"}"#

    static let cases = [
        Case("node", "create_node", #"{"node_id":"-x"}"#, "invalid_argument", "node failed to start"),
        Case("node", "create_node", #"{"node_id":"hub"}"#, "invalid_argument", "node failed to start"),
        Case("node", "create_node", #"{"node_id":"h1"}"#, "name_in_use", "node failed to start"),
        Case("node", "create_node", #"{"host":"nowhere"}"#, "unknown_host", "node failed to start"),
        Case("node", "create_node", #"{"labels":[1]}"#, "invalid_argument", "node failed to start"),
        Case("node", "create_node", #"{"labels":{"":"x"}}"#, "invalid_argument", "node failed to start"),
        Case("node", "create_node", "[]", "invalid_argument", "node failed to start"),
        Case("node", "remove_node", "{}", "missing_argument", "Node failed to be killed"),
        Case("node", "remove_node", #"{"node_id":"unknown"}"#, "no_such_node", "Node failed to be killed"),
        Case("node", "remove_node", #"{"node_id":"a/b"}"#, "invalid_argument", "Node failed to be killed"),
        Case("node", "reset_node", #"{"node_id":"unknown"}"#, "no_such_node", "node failed to be reset"),
        Case(
            "node", "run_process_on_node", #"{"node_id":"unknown",\#(process)}"#, "no_such_node",
            "process failed to start"),
        Case("node", "run_process_on_node", #"{"node_id":"unknown"}"#, "missing_argument", "process failed to start"),
        Case(
            "node", "run_process_on_node", #"{"node_id":"n","config":{"name":"n","driver":"node"}}"#,
            "invalid_argument", "process failed to start"),
        Case("vm", "allocate_vm", "{}", "missing_argument", "process failed to start"),
        Case("vm", "allocate_vm", #"{"config":{}}"#, "missing_argument", "process failed to start"),
        Case("vm", "allocate_vm", #"{\#(process),"memory_mb":1}"#, "invalid_argument", "process failed to start"),
        Case("vm", "allocate_vm", #"{\#(process),"memory_mb":1048576}"#, "invalid_argument", "process failed to start"),
        Case("vm", "allocate_vm", #"{\#(process),"memory_mb":"much"}"#, "invalid_argument", "process failed to start"),
        Case("vm", "allocate_vm", #"{\#(process),"cpus":0}"#, "invalid_argument", "process failed to start"),
        Case("vm", "allocate_vm", #"{\#(process),"vm_id":"a b"}"#, "invalid_argument", "process failed to start"),
        Case("vm", "remove_vm", #"{"vm_id":"unknown"}"#, "no_such_vm", "process failed to be killed"),
        Case("vm", "reset_vm", #"{"vm_id":"unknown"}"#, "no_such_vm", "process failed to be reset"),
        Case("vm", "create_node", "{}", "unknown_method", "unknown method"),
        Case("node", "allocate_vm", "{}", "unknown_method", "unknown method"),
    ]

    @Test func `invalid requests are answered with the documented message and code`() async throws {
        try await withCluster { bench in
            for one in Self.cases {
                let request = #"{"method":"\#(one.method)","args":\#(one.arguments)}"#
                let answer = try await bench.ask(one.kind, request)
                #expect(answer["request"] == (try JSONValue(request)))
                #expect(answer["result"]?["status"] == "failed", "\(one)")
                #expect(answer["result"]?["message"]?.string == one.message, "\(one): \(answer)")
                #expect(answer["result"]?["error"]?["code"]?.string == one.code, "\(one): \(answer)")
                #expect(answer["result"]?["error"]?["detail"]?.string?.isEmpty == false, "\(one)")
            }
            #expect(bench.cluster.files.isEmpty)
            #expect(try await bench.retained("pm/cluster/+/+/state").isEmpty)
        }
    }

    @Test(arguments: ["", "x", "[]", "{}", #"{"method":1}"#, #"{"start_process":{"path":"/bin/true"}}"#, "\u{0}"])
    func `payloads that are not requests are answered with an error`(text: String) async throws {
        try await withCluster { bench in
            try await bench.client.publish("pm/cluster/vm/control", text)
            try await bench.eventuallyRetained("pm/cluster/vm/response") { message in
                message.text.contains("malformed_request") || message.text.contains(#""success":false"#)
            }
        }
    }

    @Test func `a VM request for a node is answered with no_such_vm and the reason`() async throws {
        try await withCluster { bench in
            let id = try await bench.createNode()
            let error = try await bench.method("vm", .removeVM(id))["error"]
            #expect(error == ["code": "no_such_vm", "detail": .string("there is no vm \(id): \(id) is a node")])
        }
    }

    @Test func `a missing program on a node is answered with exec_failed`() async throws {
        try await withCluster { bench in
            let id = try await bench.createNode()
            let result = try await bench.method("node", .runProcess(.command("/no/such/program"), onNode: id))
            #expect(result["message"] == "process failed to start" && result["error"]?["code"] == "exec_failed")
        }
    }

    @Test func `without any host, a request is answered with no_capacity and health is bad`() async throws {
        try await withCluster(hosts: []) { bench in
            let result = try await bench.method("node", "create_node")
            #expect(result["error"]?["code"] == "no_capacity")
            let health = try await bench.method("node", "get_health")
            #expect(health["health"] == "bad" && health["reasons"] == ["no host can run a node"])
        }
    }

    @Test func `a node is removed twice, and reset while it is removed`() async throws {
        try await withCluster { bench in
            let id = try await bench.createNode("twice")
            let first = try await bench.inbox("node", .removeNode(id))
            let reset = try await bench.inbox("node", .resetNode(id))
            let second = try await bench.inbox("node", .removeNode(id))
            #expect(try await first()["result"]?["status"] == "success")
            let refused = try await reset()["result"]
            #expect(["not_allowed", "no_such_node"].contains(refused?["error"]?["code"]?.string))
            let again = try await second()["result"]
            #expect(again?["status"] == "success" || again?["error"]?["code"] == "no_such_node")
            try await bench.isGone("node", id)
            #expect(
                try await bench.method("node", .removeNode(id))["error"]?["code"]
                    == "no_such_node")
        }
    }

    @Test func `a node that is removed while it starts is gone, and both requests are answered`() async throws {
        try await withCluster { bench in
            let create = try await bench.inbox("node", .createNode("brief"))
            let removal = try await bench.inbox("node", .removeNode("brief"))
            #expect(try await removal()["result"]?["status"] == "success")
            let created = try await create()["result"]
            #expect(created?["status"] == "success" || created?["error"]?["code"] == "not_allowed")
            try await bench.isGone("node", "brief")
        }
    }
}
