import Glibc
import TestSupport
import Testing

/// Whoever waits while pm-cluster is killed is answered by the next one, whatever he has asked for.
@Suite(.serialized) struct AnswerTests {
    /// Stops what answers, has requests sent and waits until they are written down; then another pm-cluster goes on.
    private func restart(
        _ bench: ClusterBench, whileStopped processes: [SystemProcess], file: String, _ requests: [String],
        isWritten: @escaping @Sendable (String) -> Bool
    ) async throws -> [JSONValue] {
        for process in processes { process.kill(SIGSTOP) }
        var answers: [() async throws -> JSONValue] = []
        for request in requests { answers.append(try await bench.inbox("node", request)) }
        try await eventually("they are written down") {
            isWritten(bench.cluster.folder.read("state/instances/\(file)"))
        }
        bench.cluster.kill()
        for process in processes { process.kill(SIGCONT) }
        try bench.cluster.start()
        return try await answers.asyncMap { try await $0() }
    }

    @Test func `removals of the same node, a long one among them`() async throws {
        try await withCluster { bench in
            let id = try await bench.createNode(#"{"node_id":"n"}"#)
            let remove = #""method":"remove_node","args":{"node_id":"\#(id)"}"#
            let junk = String(repeating: "x", count: 100_000)
            let answers = try await restart(
                bench, whileStopped: [try #require(bench.host.worker)], file: "n.json",
                [#"{\#(remove),"id":"a"}"#, #"{\#(remove),"id":"b"}"#, #"{\#(remove),"id":"c","junk":"\#(junk)"}"#]
            ) { $0.contains(#"\"a\""#) && $0.contains(#"\"b\""#) && $0.contains(#"\"c\""#) && !$0.contains(junk) }
            #expect(answers.map { $0["id"] } == ["a", "b", "c"])
            for answer in answers {
                #expect(answer["result"] == ["status": "success", "message": "Node kill successfully"])
            }
            #expect(answers[0]["request"] == (try JSONValue(#"{\#(remove),"id":"a"}"#)))
            #expect(answers[2]["request"] == ["method": "remove_node", "id": "c"])
            try await bench.isGone("node", id)
        }
    }

    @Test func `a process on a node, with a long config`() async throws {
        try await withCluster { bench in
            let id = try await bench.createNode(#"{"node_id":"n"}"#)
            let node = bench.host.descendants
            let environment = String(repeating: "x", count: 100_000)
            let config = #"{"command":"sleep 1000","env":{"A":"\#(environment)"}}"#
            let run = #"{"method":"run_process_on_node","id":7,"args":{"node_id":"\#(id)","config":\#(config)}}"#
            let answers = try await restart(bench, whileStopped: node, file: "n.json", [run]) { $0.contains(#""run""#) }
            #expect(answers[0]["id"] == 7)
            #expect(answers[0]["result"]?["message"] == "process failed to start")
            #expect(answers[0]["result"]?["error"]?["code"] == "internal")
            #expect(answers[0]["result"]?["error"]?["detail"]?.string?.contains("may have been started") == true)
            try await bench.clusterIsOnline()
            try await bench.eventuallyRetained("pm/cluster/node/n/state") { $0.text.contains(#""state":"running""#) }
            // What is answered is not kept, and others are told how they fare.
            let short = #"{"node_id":"n","config":{"command":"true","persist":false}}"#
            #expect(try await bench.method("node", "run_process_on_node", short)["status"] == "success")
            try await eventually("nobody waits") {
                !bench.cluster.folder.read("state/instances/n.json").contains("pending")
            }
        }
    }
}
