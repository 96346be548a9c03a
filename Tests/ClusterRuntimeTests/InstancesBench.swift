import Cluster
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import TestSupport
import Testing
import UnitSupport
import Wire

@testable import ClusterRuntime

/// The instances of a pm-cluster without a broker: a test plays all hosts, and this bench the broker's retained topics.
final class InstancesBench {
    /// What is asked of hosts.
    let publisher = FakePublisher()
    /// What is published otherwise.
    let topics = FakePublisher()
    let requests: AgentRequests
    let instances: Instances
    private let leadership: Leadership
    private let loop: EventLoop
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        loop = try EventLoop()
        requests = AgentRequests(publisher)
        leadership = Leadership(FakePublisher(), on: loop)
        let configuration = ClusterConfiguration(
            broker: try BrokerAddress("mqtt://127.0.0.1"), stateDirectory: folder.path)
        instances = Instances(
            configuration, directory: try StateDirectory(folder.path, loop: loop), requests: requests,
            leadership: leadership, session: topics, loop: loop)
        leadership.ready()
        instances.recover { _, _ in { _ in } }
    }

    /// The content of an instance's file; empty when there is none.
    func file(of id: String) -> String { folder.read("instances/\(id).json") }

    /// Has a host publish that it is online and can run nodes, or that it is offline.
    func host(_ name: String, isOnline: Bool = true, generation: String? = nil) throws {
        let host = try #require(HostName(name))
        instances.status(of: host, isOnline: isOnline)
        guard isOnline else { return }
        instances.facts(
            of: host, HostFacts(drivers: [DriverReport(name: ProcessSpec.nodeDriver)], generation: generation))
        instances.load(
            of: host, HostLoad(load: 0, cpus: 1, memoryAvailable: 1 << 30, interval: 10, session: "s"), at: nil,
            isRetained: false)
    }

    /// The only request since the last call.
    func request() throws -> (topic: String, json: JSON) {
        let messages = publisher.take()
        let message = try #require(messages.first)
        #expect(messages.count == 1)
        return (message.topic, try parse(message.payload))
    }

    /// Answers a request as its host.
    func answer(_ request: JSON, _ result: JSON) {
        let payload = JSON.object([.init("id", request["id"] ?? "none"), .init("result", result)]).printed()
        requests.received(Message(topic: requests.inbox, payload: payload))
    }

    /// Answers requests as hosts that carry out everything, until there are no more.
    ///
    /// - Returns: the methods that were requested.
    func serve() throws -> [String] {
        var methods: [String] = []
        while methods.count < 100, let message = publisher.take().first {
            let request = try parse(message.payload)
            methods.append(request["method"]?.string ?? "")
            answer(request, result(of: request, isGone: methods.contains("kill_process")))
            echo()
        }
        return methods
    }

    /// Returns what pm-cluster publishes to itself: the marks of its cleaner, and states that it has cleared.
    private func echo() {
        while case let messages = topics.take(), !messages.isEmpty {
            for message in messages {
                if message.topic == requests.inbox {
                    _ = instances.cleaner.takesMark(message)
                } else if case .clusterState(_, let id) = Topic(message.topic), message.payload.isEmpty,
                    let instance = instances.store[id]
                {
                    instances.feed(.cleared, to: instance)
                }
            }
        }
    }

    private func result(of request: JSON, isGone: Bool) -> JSON {
        guard request["method"]?.string == "get_process" else { return ["status": "success"] }
        let id = request["args"]?["process_id"]?.string ?? ""
        guard !isGone, let generation = HostName(id).flatMap({ instances.store[$0]?.record.generation }) else {
            return ["status": "error", "error": ["code": "no_such_process", "detail": "unknown"]]
        }
        return [
            "status": "success",
            "process": ["driver": "node", "state": "running", "config": ["generation": .string(generation)]],
        ]
    }

    func create(_ id: String) throws -> Replies {
        let replies = Replies()
        var request = InstanceRequest(kind: .node)
        request.id = HostName(id)
        instances.create(request, Message(topic: "pm/cluster/node/control", payload: [])) { replies.all.append($0) }
        return replies
    }

    func remove(_ id: String) throws -> Replies {
        let replies = Replies()
        let removal = InstanceRemoval(kind: .node, id: try #require(HostName(id)))
        instances.remove(removal, Message(topic: "pm/cluster/node/control", payload: [])) { replies.all.append($0) }
        return replies
    }

    private func parse(_ payload: [UInt8]) throws -> JSON {
        try JSON.parse(payload.span, sizeLimit: 1 << 20, nestingLimit: 60)
    }

    /// The outcomes that a requester was told.
    final class Replies {
        var all: [ClusterOutcome] = []
    }
}
