import Glibc
import TestSupport
import Testing

/// Requests that are pending when pm-cluster is killed are answered after its restart.
@Suite(.serialized) struct AnswerTests {
    /// Stops `processes`, sends requests and waits until they are saved; then restarts pm-cluster, continues the
    /// processes, and returns the answers.
    private func restart(
        _ bench: ClusterBench, whileStopped processes: [SystemProcess], file: String, _ requests: [String],
        isWritten: @escaping @Sendable (String) -> Bool
    ) async throws -> [JSONValue] {
        for process in processes { process.kill(SIGSTOP) }
        var answers: [() async throws -> JSONValue] = []
        for request in requests { answers.append(try await bench.inbox("node", request)) }
        try await eventually("the requests are saved") {
            isWritten(bench.cluster.folder.read("state/instances/\(file)"))
        }
        bench.cluster.kill()
        for process in processes { process.kill(SIGCONT) }
        try bench.cluster.start()
        return try await answers.asyncMap { try await $0() }
    }

    @Test func `removals of the same node, a long one among them`() async throws {
        try await withCluster { bench in
            let id = try await bench.createNode("n")
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
            let id = try await bench.createNode("n")
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
            // Answered requests are removed from the file, and later ones are answered.
            let short = #"{"node_id":"n","config":{"command":"true","persist":false}}"#
            #expect(try await bench.method("node", "run_process_on_node", short)["status"] == "success")
            try await eventually("no request is pending") {
                !bench.cluster.folder.read("state/instances/n.json").contains("pending")
            }
        }
    }
}
