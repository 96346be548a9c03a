import Cluster
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Testing
import UnitSupport
import Wire

@testable import ClusterRuntime

/// The invariants of one instance, whatever is done with it.
struct InstanceTests {
    private let host: HostName
    private let message = Message(topic: "pm/cluster/node/control", payload: [])

    init() throws { host = try #require(HostName("h")) }

    private func record(_ kind: InstanceKind = .node) throws -> InstanceRecord {
        InstanceRecord(
            kind: kind, id: try #require(HostName("i")), host: nil, want: .up, isCommitted: false, generation: "one",
            createdAt: 0)
    }

    private func instance(_ kind: InstanceKind = .node) throws -> Instance {
        Instance(try record(kind), InstanceLifecycle.create(hasProcess: kind == .vm).0)
    }

    @Test func `the record follows the lifecycle`() throws {
        let instance = try instance()
        #expect(instance.record.want == .up && !instance.record.isCommitted)
        _ = instance.handle(.admitted)
        _ = instance.handle(.online)
        #expect(instance.record.isCommitted)
        instance.beginMismatch()
        #expect(instance.record.isMismatched)
        _ = instance.handle(.remove)
        #expect(instance.record.want == .down)
    }

    @Test func `a host that is found ends the reason for waiting, and no other reason`() throws {
        let instance = try instance()
        instance.holdUp(Failure(.driverUnavailable, "testing"))
        instance.place(on: host)
        #expect(instance.reason == nil && instance.record.host == host)
        instance.note(Failure(.internal, "broken"))
        instance.place(on: host)
        #expect(instance.reason?.detail == "broken")
    }

    @Test func `it is ready only with its own generation`() throws {
        let instance = try instance()
        #expect(!instance.takePresence(.online, generation: "another"))
        #expect(instance.takePresence(.online, generation: "one") && instance.isReady)
        #expect(!instance.takePresence(.unknown, generation: nil) && instance.isReady)
        #expect(instance.renew("two") == nil)
        #expect(!instance.isReady && instance.record.replaced == ["one"])
    }

    @Test func `a restart of its agent shows in the session, unless it was seen to go`() throws {
        let instance = try instance()
        #expect(!instance.takeSession("a"))
        _ = instance.takePresence(.online, generation: "one")
        #expect(instance.lacksSession && !instance.takeSession("a") && !instance.takeSession("a"))
        #expect(instance.takeSession("b"))
        _ = instance.takePresence(.offline, generation: "one")
        _ = instance.takePresence(.online, generation: "one")
        #expect(instance.lacksSession && !instance.takeSession("c"))
    }

    @Test func `only the last generations are kept`() throws {
        let instance = try instance()
        for number in 0..<Limits.replacedGenerations { #expect(instance.renew("\(number)") == nil) }
        #expect(instance.renew("last") == "one")
        #expect(instance.record.replaced.count == Limits.replacedGenerations)
    }

    @Test func `each request is answered once`() throws {
        let instance = try instance()
        var answers: [ClusterOutcome] = []
        let first = instance.add(.reset, message)
        let second = instance.add(.reset, message)
        for request in [first, second] { instance.await(request) { answers.append($0) } }
        #expect(instance.isUnsaved && instance.record.pending.count == 2)
        instance.answer(first, .removed)
        instance.answer(.reset, .reset)
        instance.answer(first, .removed)
        #expect(answers == [.removed, .reset] && instance.record.pending.isEmpty)
    }

    @Test func `requests from a file and later ones are told apart`() throws {
        var record = try record()
        record.pending = [PendingRequest(purpose: .create, message: message), .init(purpose: .reset, message: message)]
        let instance = Instance(record, InstanceLifecycle.create(hasProcess: false).0)
        _ = instance.add(.run, message)
        #expect(instance.record.pending.map(\.number) == [1, 2, 3])
    }

    @Test func `a state is logged once, and again after a start`() throws {
        let instance = try instance()
        instance.place(on: host)
        #expect(instance.takeLogLine() == nil)
        _ = instance.handle(.admitted)
        _ = instance.handle(.online)
        #expect(instance.takeLogLine() == "node i is running on h")
        #expect(instance.takeLogLine() == nil)
        _ = instance.handle(.offline)
        instance.note(Failure(.internal, "its agent is gone"))
        #expect(instance.takeLogLine() == "node i is down on h: its agent is gone")
    }

    @Test func `it adopts only what its host has reported`() throws {
        let instance = try instance(.vm)
        #expect(!instance.adopt(on: host))
        instance.takeFound(["config": ["generation": "newer", "memory_mb": .number(256)]])
        #expect(instance.adopt(on: host) && instance.record.generation == "newer")
        #expect(instance.record.vm?.memory == 256 && instance.record.isAdopted && instance.isLearning)
        instance.learn(["name": "p", "command": "true"])
        #expect(!instance.isLearning && instance.process?.id.description == "p")
    }

    @Test func `a new request replaces the previous one, of which the answer is ignored`() throws {
        let publisher = FakePublisher()
        let requests = AgentRequests(publisher)
        let step = LifecycleStep()
        var answers: [String] = []
        step.ask(.getProcess, [:], of: host, by: requests) { _ in answers.append("first") }
        step.ask(.killProcess, [:], of: host, by: requests) { _ in answers.append("second") }
        step.askAgain(by: requests)
        let sent = try publisher.take().map { try JSON.parse($0.payload.span, sizeLimit: 1_000, nestingLimit: 9) }
        #expect(sent.map { $0["method"]?.string } == ["get_process", "kill_process", "kill_process"])
        for request in sent {
            let answer = JSON.object([.init("id", request["id"] ?? "none"), .init("result", ["status": "success"])])
            requests.received(Message(topic: requests.inbox, payload: answer.printed()))
        }
        #expect(answers == ["second"])
        step.ask(.killProcess, [:], of: nil, by: requests) { _ in answers.append("third") }
        step.askAgain(by: requests)
        #expect(publisher.take().isEmpty)
    }
}
