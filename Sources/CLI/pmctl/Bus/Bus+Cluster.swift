import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

extension Bus {
    /// Sends a request to pm-cluster, which must be online, and waits for the answer.
    ///
    /// - Parameters:
    ///   - id: a node or VM; `progress` gets its states.
    ///   - progress: called with each state that pm-cluster publishes for it meanwhile.
    func request(
        _ method: ClusterMethod, _ arguments: JSON = [:], watching id: HostName? = nil,
        progress: (JSON) throws(CommandError) -> Void = { _ in }
    ) throws(CommandError) -> Answer {
        let kind = method.kind
        var filters = [Topic.clusterStatus.description]
        if let id { filters.append(Topic.clusterState(kind, id).description) }
        let online = try retained(filters).contains { $0.topic == "\(Topic.clusterStatus)" && $0.text == "online" }
        guard online else { throw .failed("no pm-cluster is online", .offline) }
        return try inTime(at: "pm-cluster") { (timestamp) throws(CommandError) in
            let id = send(method.name, to: .clusterControl(kind), arguments, timestamp)
            return try answer(to: id, method, progress)
        }
    }

    private func answer(
        to id: String, _ method: ClusterMethod, _ progress: (JSON) throws(CommandError) -> Void
    ) throws(CommandError) -> Answer {
        let deadline = answerDeadline
        while let message = try next(before: deadline) {
            if let answer = Answer(message, inbox: inbox, id: id) { return answer }
            switch Topic(message.topic) {
            case .clusterState(method.kind, _): if let json = message.json { try progress(json) }
            case .clusterStatus where message.text == "offline":
                throw .failed("pm-cluster went offline before it answered", .offline)
            default: break
            }
        }
        throw silence(of: "pm-cluster", hint: method.changesSomething ? "; it may still do what was asked" : "")
    }
}

extension ClusterMethod {
    fileprivate var kind: InstanceKind {
        switch self {
        case .node: .node
        case .vm: .vm
        }
    }

    fileprivate var changesSomething: Bool {
        switch self {
        case .node(.create), .node(.remove), .node(.reset), .node(.run), .node(.adopt), .node(.confirm), .vm(.allocate),
            .vm(.remove), .vm(.reset), .vm(.adopt), .vm(.confirm):
            true
        case .node(.getHealth), .node(.getNodes), .node(.getOrphans), .vm(.getHealth), .vm(.getVMs), .vm(.getOrphans):
            false
        }
    }
}
