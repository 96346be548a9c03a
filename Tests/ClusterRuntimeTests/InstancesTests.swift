import JSONCodec
import MQTTTransport
import Model
import Testing
import UnitSupport
import Wire

@testable import ClusterRuntime

/// What pm-cluster asks hosts, in which order, and what it tells requesters.
struct InstancesTests {
    private let bench: InstancesBench

    init() throws {
        bench = try InstancesBench()
        try bench.host("h")
        _ = bench.publisher.take()
    }

    /// Creates a node and has it come up.
    private func createNode() throws {
        let replies = try bench.create("n")
        let (_, start) = try bench.request()
        bench.answer(start, ["status": "success"])
        let generation = try #require(start["args"]?["config"]?["generation"]?.string)
        try bench.host("n", generation: generation)
        #expect(replies.all == [.nodeCreated(try #require(HostName("n")), on: try #require(HostName("h")))])
        _ = bench.publisher.take()
    }

    @Test func `a node is asked of its host, and created when it is online with its generation`() throws {
        let replies = try bench.create("n")
        let (topic, start) = try bench.request()
        #expect(topic == "pm/h/control" && start["method"]?.string == "start_process")
        #expect(start["args"]?["config"]?["driver"]?.string == "node")
        bench.answer(start, ["status": "success"])
        try bench.host("n", generation: "another one's")
        #expect(replies.all.isEmpty)
        try bench.host("n", generation: start["args"]?["config"]?["generation"]?.string)
        #expect(replies.all == [.nodeCreated(try #require(HostName("n")), on: try #require(HostName("h")))])
    }

    @Test func `the file is written before the host is asked`() throws {
        var file = ""
        bench.publisher.observe = { [bench] _ in file = bench.file(of: "n") }
        _ = try bench.create("n")
        #expect(file.contains(#""host":"h""#))
    }

    @Test func `a start that the host refuses leaves nothing behind`() throws {
        let replies = try bench.create("n")
        let (_, start) = try bench.request()
        bench.answer(start, ["status": "error", "error": ["code": "exec_failed", "detail": "no memory"]])
        _ = try bench.serve()
        guard case .failed(let failure) = replies.all.first else { return #expect(Bool(false), "\(replies.all)") }
        #expect(failure.detail.contains("no memory"), "\(failure)")
        #expect(bench.file(of: "n").isEmpty && bench.instances.store.all.isEmpty)
    }

    @Test func `without a host that is online nothing is asked, and the requester is told`() throws {
        try bench.host("h", isOnline: false)
        let replies = try bench.create("n")
        #expect(bench.publisher.take().isEmpty && replies.all.count == 1)
        guard case .failed = replies.all.first else { return #expect(Bool(false), "\(replies.all)") }
    }

    @Test func `the name of a node is in use while it exists`() throws {
        try createNode()
        let replies = try bench.create("n")
        guard case .failed(let failure) = replies.all.first else { return #expect(Bool(false), "\(replies.all)") }
        #expect(failure.code == .nameInUse && bench.publisher.take().isEmpty)
    }

    @Test func `a removed node is killed and forgotten by its host, and then its file is gone`() throws {
        try createNode()
        let replies = try bench.remove("n")
        #expect(replies.all.isEmpty)
        let methods = try bench.serve().filter { $0 != "get_process" }
        #expect(methods == ["kill_process", "remove_process"])
        #expect(replies.all == [.removed] && bench.file(of: "n").isEmpty && bench.instances.store.all.isEmpty)
    }

    @Test func `an answer with the id of another request is ignored`() throws {
        let replies = try bench.create("n")
        let (_, start) = try bench.request()
        bench.answer(["id": "guessed"], ["status": "error", "error": ["code": "exec_failed", "detail": "forged"]])
        #expect(replies.all.isEmpty && bench.publisher.take().isEmpty)
        bench.answer(start, ["status": "success"])
        try bench.host("n", generation: start["args"]?["config"]?["generation"]?.string)
        #expect(replies.all.count == 1)
    }

    // MARK: Instances without a file

    /// Has `host` publish that it runs a node, and answers the question that follows.
    ///
    /// - Returns: the methods that were requested afterwards.
    private func report(_ generation: String, of id: String, on host: String) throws -> [String] {
        let name = try #require(HostName(host))
        bench.instances.process(try #require(Name(id)), on: name, ["driver": "node", "state": "running"])
        let (topic, question) = try bench.request()
        #expect(topic == "pm/\(host)/control" && question["method"]?.string == "get_process")
        let process: JSON = ["driver": "node", "state": "running", "config": ["generation": .string(generation)]]
        bench.answer(question, ["status": "success", "process": process])
        return try bench.serve()
    }

    @Test func `a node of another pm-cluster is listed as an orphan, left alone, and adopted on request`() throws {
        #expect(try report("other.1", of: "o", on: "h").isEmpty)
        let orphans = bench.instances.report.orphanEntries(of: .node)
        #expect(orphans.map(\.id.description) == ["o"] && orphans.first?.state == .down)
        // It is not asked about again.
        bench.instances.process(try #require(Name("o")), on: try #require(HostName("h")), ["driver": "node"])
        #expect(bench.publisher.take().isEmpty)

        var outcomes: [ClusterOutcome] = []
        let id = try #require(HostName("o"))
        bench.instances.adopt(InstanceAdoption(kind: .node, id: id)) { outcomes.append($0) }
        #expect(outcomes == [.adopted(.node, id, on: try #require(HostName("h")))])
        #expect(bench.file(of: "o").contains(#""generation":"other.1""#))
        #expect(bench.instances.report.orphanEntries(of: .node).isEmpty)
    }

    @Test func `a node that was removed while its host was away is ended when the host is back`() throws {
        try createNode()
        let generation = try #require(bench.instances.store.all.first?.record.generation)
        _ = try bench.remove("n")
        _ = try bench.serve()
        #expect(try report(generation, of: "n", on: "h") == ["kill_process", "remove_process"])
    }

    @Test func `what no pm-cluster has started is left alone`() throws {
        #expect(try report("by hand", of: "m", on: "h").isEmpty)
        #expect(bench.instances.report.orphanEntries(of: .node).isEmpty)
    }

    @Test func `a node follows its host to another name`() throws {
        try createNode()
        let generation = try #require(bench.instances.store.all.first?.record.generation)
        try bench.host("renamed")
        _ = bench.publisher.take()
        try bench.host("h", isOnline: false)
        _ = try report(generation, of: "n", on: "renamed")
        #expect(bench.file(of: "n").contains(#""host":"renamed""#))
    }
}
