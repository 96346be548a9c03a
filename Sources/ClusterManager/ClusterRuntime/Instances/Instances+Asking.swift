import Cluster
import JSONCodec
import Model
import Wire

/// Requests to hosts and to the agents of instances, and the events that follow from their answers.
extension Instances {
    func askStart(_ instance: Instance) {
        ask(.startProcess, ["config": instance.record.hostConfig], of: instance) { result in
            switch result {
            case .success:
                instance.launched()
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
                instance.processStarted(id, pid: Self.pid(result["process"]))
                return .processStarted
            case .failure(let failure): return failure.code == .noSuchProcess ? .processAbsent : .processFailed(failure)
            }
        }
        return nil
    }

    func askProcessStart(_ instance: Instance) {
        guard let config = instance.record.config else { return }
        instance.requestedProcess()
        askGuest(.startProcess, ["config": config], of: instance) { result in
            switch result {
            case .success(let result):
                instance.processStarted(result["process_id"]?.string.flatMap(Name.init), pid: Self.pid(result))
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
        instance.step.ask(method, arguments, of: instance.id, by: requests) { [weak self] result in
            self?.feed(event(result), to: instance)
        }
    }

    private static func pid(_ json: JSON?) -> Int32? { json?["pid"]?.integer.flatMap(Int32.init(exactly:)) }

    /// Reads the last line of its standard error log on the host.
    func askWhy(_ instance: Instance, _ completion: @escaping (String?) -> Void) {
        guard let host = instance.record.host else { return completion(nil) }
        let arguments: JSON = [
            "process_id": .string(instance.id.description), "lines": .number(1),
            "stream": .string(LogStream.stderr.rawValue),
        ]
        instance.step.ask(.getLog, arguments, of: host, by: requests) { result in
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
        let host = instance.record.host.flatMap { hosts.presence(of: $0) == .online ? $0 : nil }
        instance.step.ask(method, arguments, of: host, by: requests) { [weak self] result in
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
        instance.takeFound(process)
        let isExpected = generation == instance.record.generation
        if instance.isUnfiled, !isExpected { return classify(instance, generation, process) }
        guard isExpected || Generations.isManaged(generation) else { return .foreign }
        let state = process["state"]?.string
        if state == ProcessState.exited.rawValue || state == ProcessState.failed.rawValue { return .ended }
        if isExpected { return .present }
        return store.hasEnded(generation, of: instance.id) ? .outdated : .newer
    }

    // MARK: The process in a VM

    /// Asks the agent in a VM for its process, instead of starting the process of an old file.
    private func learnProcess(_ instance: Instance) {
        askProcessConfig(in: instance.id, preferring: instance.record.processID) { [weak self] result in
            guard let self, store[instance.id] === instance, instance.isLearning else { return }
            switch result {
            case .success(let config):
                instance.learn(config)
                feed(.processStarted, to: instance)
            case .failure(let failure): feed(.processFailed(failure), to: instance)
            }
        }
    }

    /// Asks the agent in a VM for the config of its process.
    ///
    /// - Parameter id: the process to choose if there are several; without it, several processes are an error.
    func askProcessConfig(
        in vm: HostName, preferring id: Name?, _ completion: @escaping (Result<JSON?, Failure>) -> Void
    ) {
        ask(.getProcesses, [:], of: vm) { [weak self] result in
            let all = (try? result.get())?["process"]?.array ?? []
            let names = all.compactMap { $0["process_id"]?.string }
            let only = names.count == 1 ? names.first : nil
            if case .failure(let failure) = result { return completion(.failure(failure)) }
            guard let name = names.first(where: { $0 == id?.description }) ?? only else {
                let why = names.isEmpty ? "no process runs in it" : "several processes run in it"
                return completion(.failure(Failure(.notAllowed, "\(why): pass its process as config")))
            }
            self?.ask(.getProcess, ["process_id": .string(name)], of: vm) { result in
                completion(
                    result.map { result in
                        let config = result["process"]?["config"] ?? [:]
                        let others = (config.members ?? []).filter { $0.key != "name" }
                        return .object([.init("name", .string(name))] + others)
                    })
            }
        }
    }

    private func ask(
        _ method: Method, _ arguments: JSON, of host: HostName, _ completion: @escaping AgentRequests.Completion
    ) {
        requests.send(
            method, arguments, to: host, within: configuration.stepTimeout, on: loop,
            late: Failure(.timeout, "the agent of \(host) did not answer in time"), completion)
    }
}
