import Cluster
import JSONCodec
import LinuxSystem
import Model
import Wire

/// What has been adopted is what its host and the agent inside say it is.
extension Instances {
    /// Takes over what a host runs under the name of a node or VM.
    func learn(_ instance: Instance) {
        guard let process = instance.found, let generation = process["config"]?["generation"]?.string,
            let host = instance.record.host
        else { return }
        var orphan = Orphan(kind: instance.kind, id: instance.id, host: host, generation: generation)
        orphan.take(process["config"] ?? [:])
        instance.record.generation = generation
        instance.record.labels = orphan.labels
        if let vm = orphan.vm { instance.record.vm = vm }
        instance.record.isAdopted = true
        instance.isLearning = instance.kind == .vm
        refreshReadiness(of: instance)
        Log.note("adopted \(instance.title) on \(host): it is newer than pm-cluster's state")
        if generations.isOurs(generation) { beginDoubt(instance.kind, .older) }
    }

    /// Asks the agent in a VM what it runs, instead of having it run what an old file tells of.
    func learnProcess(_ instance: Instance) {
        askProcessConfig(in: instance.id, preferring: instance.record.processID) { [weak self] result in
            guard let self, byID[instance.id] === instance, instance.isLearning else { return }
            switch result {
            case .success(let config):
                instance.isLearning = false
                instance.record.config = config
                instance.isUnsaved = true
                instance.process = instance.record.processID.map { InstanceProcess(id: $0, pid: nil) }
                feed(.processStarted, to: instance)
            case .failure(let failure): feed(.processFailed(failure), to: instance)
            }
        }
    }

    /// Finds out what the process in a VM was started with.
    ///
    /// - Parameter id: of the process that it is, if there is one of that name.
    func askProcessConfig(
        in vm: HostName, preferring id: Name?, _ completion: @escaping (Result<JSON?, Failure>) -> Void
    ) {
        ask(.getProcesses, [:], of: vm) { [weak self] result in
            let all = (try? result.get())?["process"]?.array ?? []
            let names = all.compactMap { $0["process_id"]?.string }
            let only = names.count == 1 ? names.first : nil
            if case .failure(let failure) = result { return completion(.failure(failure)) }
            guard let name = names.first(where: { $0 == id?.description }) ?? only else {
                let why = names.isEmpty ? "nothing runs in it" : "several processes run in it"
                return completion(.failure(Failure(.notAllowed, "\(why): what it is for has to be told, by config")))
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

    /// Asks an agent what nobody's machine waits for.
    private func ask(
        _ method: Method, _ arguments: JSON, of host: HostName, _ completion: @escaping (Result<JSON, Failure>) -> Void
    ) {
        var timer: TimerID?
        let (number, _) = requests.send(method, arguments, to: host) { [loop] result in
            loop.cancel(timer)
            completion(result)
        }
        timer = loop.after(.seconds(configuration.stepTimeout)) { [requests] in
            requests.cancel(number)
            completion(.failure(Failure(.timeout, "the agent of \(host) did not answer in time")))
        }
    }
}
