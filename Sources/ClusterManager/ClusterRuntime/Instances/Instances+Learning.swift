import Cluster
import JSONCodec
import LinuxSystem
import Model
import Wire

/// Fills the record of an adopted instance with what its host and its agent report.
extension Instances {
    /// Adopts what the host runs under the instance's name, from the host's last answer.
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
        if generations.isOurs(generation) { beginMismatch(instance.kind, .older) }
    }

    /// Asks the agent in a VM for its process, instead of starting the process of an old file.
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

    /// Sends a request that no lifecycle waits for, with a timeout of its own.
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
