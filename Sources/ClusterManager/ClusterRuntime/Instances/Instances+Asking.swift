import Cluster
import JSONCodec
import MQTTTransport
import Model
import Wire

/// Requests to hosts and to the agents of instances, and the events that follow from their answers.
extension Instances {
    func askStart(_ instance: Instance) {
        ask(.startProcess, ["config": instance.record.hostConfig], of: instance) { result in
            switch result {
            case .success:
                instance.isBlank = true
                return .started
            case .failure(let failure): return failure.code == .nameInUse ? .nameInUse : .startFailed(failure)
            }
        }
    }

    func askInspect(_ instance: Instance) {
        ask(.getProcess, Self.reference(instance), of: instance) { [weak self] result in
            switch result {
            case .success(let result): self.map { .inspected($0.finding(result["process"] ?? [:], instance)) }
            case .failure(let failure): failure.code == .noSuchProcess ? .inspected(.absent) : nil
            }
        }
    }

    func askKill(_ instance: Instance) {
        // `no_such_process` counts as killed.
        ask(.killProcess, Self.reference(instance), of: instance) { Self.isDone($0) ? .killed : nil }
    }

    func askForget(_ instance: Instance) {
        ask(.removeProcess, Self.reference(instance), of: instance) { Self.isDone($0) ? .forgotten : nil }
    }

    /// - Returns: an event if the answer is known without a request.
    func askProcess(_ instance: Instance) -> InstanceLifecycle.Event? {
        if instance.isLearning {
            learnProcess(instance)
            return nil
        }
        guard let id = instance.record.processID else { return nil }
        if instance.isBlank { return .processAbsent }
        askGuest(.getProcess, ["process_id": .string(id.description)], of: instance) { result in
            switch result {
            case .success(let result):
                instance.process = InstanceProcess(id: id, pid: Self.pid(result["process"]))
                return .processStarted
            case .failure(let failure): return failure.code == .noSuchProcess ? .processAbsent : .processFailed(failure)
            }
        }
        return nil
    }

    func askProcessStart(_ instance: Instance) {
        guard let config = instance.record.config else { return }
        instance.isBlank = false
        askGuest(.startProcess, ["config": config], of: instance) { result in
            switch result {
            case .success(let result):
                let id = result["process_id"]?.string.flatMap(Name.init) ?? instance.record.processID
                instance.process = id.map { InstanceProcess(id: $0, pid: Self.pid(result)) }
                return .processStarted
            // It was already running. Its pid comes with the agent's process topic.
            case .failure(let failure): return failure.code == .nameInUse ? .processStarted : .processFailed(failure)
            }
        }
    }

    private func askGuest(
        _ method: Method, _ arguments: JSON, of instance: Instance,
        _ event: @escaping (Result<JSON, Failure>) -> InstanceLifecycle.Event
    ) {
        requests.cancel(instance.request?.id)
        instance.request = requests.send(method, arguments, to: instance.id) { [weak self] result in
            self?.feed(event(result), to: instance)
        }
    }

    private static func pid(_ json: JSON?) -> Int32? { json?["pid"]?.integer.flatMap(Int32.init(exactly:)) }

    /// Reads the last line of its standard error log on the host.
    func askWhy(_ instance: Instance, _ completion: @escaping (String?) -> Void) {
        let arguments: JSON = [
            "process_id": .string(instance.id.description), "lines": .number(1),
            "stream": .string(LogStream.stderr.rawValue),
        ]
        requests.cancel(instance.request?.id)
        guard let host = instance.record.host else { return completion(nil) }
        instance.request = requests.send(.getLog, arguments, to: host) { result in
            completion((try? result.get())?["stderr"]?.array?.last?.string)
        }
    }

    /// Sends a request to the instance's host. An offline host is not asked: `hostOnline` repeats the request.
    ///
    /// - Parameter event: maps the answer to an event; nil leaves the retry to the deadline.
    private func ask(
        _ method: Method, _ arguments: JSON, of instance: Instance,
        _ event: @escaping (Result<JSON, Failure>) -> InstanceLifecycle.Event?
    ) {
        requests.cancel(instance.request?.id)
        instance.request = nil
        guard let host = instance.record.host, hosts[host]?.presence == .online else { return }
        instance.request = requests.send(method, arguments, to: host) { [weak self] result in
            guard let self, let event = event(result) else { return }
            feed(event, to: instance)
        }
    }

    private static func reference(_ instance: Instance) -> JSON { ["process_id": .string(instance.id.description)] }

    private static func isDone(_ result: Result<JSON, Failure>) -> Bool {
        switch result {
        case .success: true
        case .failure(let failure): failure.code == .noSuchProcess
        }
    }

    /// - Parameter process: the entry in the host's answer.
    private func finding(_ process: JSON, _ instance: Instance) -> InstanceLifecycle.Finding {
        guard let generation = process["config"]?["generation"]?.string,
            process["driver"]?.string == instance.kind.driver
        else { return .foreign }
        instance.found = process
        let isExpected = generation == instance.record.generation
        if instance.isStray, !isExpected { return sighted(instance, generation, process) }
        guard isExpected || Generations.isManaged(generation) else { return .foreign }
        let state = process["state"]?.string
        if state == ProcessState.exited.rawValue || state == ProcessState.failed.rawValue { return .ended }
        if isExpected { return .present }
        return hasEnded(generation, instance.id) ? .outdated : .newer
    }
}
