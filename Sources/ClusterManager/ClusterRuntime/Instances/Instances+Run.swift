import Cluster
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// `run_process_on_node`.
extension Instances {
    /// Starts a process on a node, with `persist` set so that the node's agent starts it again after a reset.
    func run(_ config: JSON, on id: HostName, _ message: Message, reply: @escaping Instance.Reply) {
        guard let node = byID[id], node.kind == .node else { return reply(.failed(noSuch(.node, id))) }
        guard node.lifecycle.phase == .running else {
            let entry = entry(of: node)
            let code: ErrorCode = entry.state == .hostOffline ? .hostOffline : .notAllowed
            return reply(.failed(Failure(code, "\(id) is \(entry.state.rawValue)")))
        }
        let persistent: JSON =
            config["persist"] == nil ? .object((config.members ?? []) + [.init("persist", true)]) : config
        let finish = note(message, of: node, reply)
        var timer: TimerID?
        let (number, _) = requests.send(.startProcess, ["config": persistent], to: id) { [loop] result in
            loop.cancel(timer)
            switch result {
            case .success(let result):
                let process = result["process_id"]?.string.flatMap(Name.init) ?? id.name
                finish(.processStarted(process, pid: result["pid"]?.integer.flatMap(Int32.init(exactly:))))
            case .failure(let failure): finish(.failed(failure))
            }
        }
        timer = loop.after(.seconds(configuration.stepTimeout)) { [requests] in
            requests.cancel(number)
            finish(.failed(Failure(.timeout, "\(id) did not answer in time: the process may have been started")))
        }
    }

    /// Saves the request, so that pm-cluster can answer it after a restart.
    ///
    /// - Returns: answers the request and removes it from the record.
    private func note(_ message: Message, of node: Instance, _ reply: @escaping Instance.Reply) -> Instance.Reply {
        let number = nextNumber()
        node.record.pending.append(PendingRequest(purpose: .run, message: message, number: number))
        save(node)
        return { [weak self] outcome in
            reply(outcome)
            node.record.pending.removeAll { $0.number == number }
            // The node may have been removed, and its file with it.
            if let self, byID[node.id] === node { save(node) }
        }
    }
}
