import Cluster
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Requests to create, remove and reset instances, and to start processes on nodes.
extension Instances {
    func create(_ request: InstanceRequest, _ message: Message, reply: @escaping Instance.Reply) {
        do throws(Failure) {
            let record = try admit(request, message)
            let (lifecycle, actions) = InstanceLifecycle.create(hasProcess: request.kind == .vm)
            let instance = Instance(record, lifecycle)
            store.add(instance)
            for request in instance.record.pending { instance.await(request, reply) }
            perform(actions, on: instance)
        } catch {
            reply(.failed(error))
        }
    }

    private func admit(_ request: InstanceRequest, _ message: Message) throws(Failure) -> InstanceRecord {
        let id = try request.id.map { id throws(Failure) in try free(id) } ?? unused(request.kind)
        guard store.count < Limits.instances else { throw Failure(.noCapacity, "there are too many nodes and VMs") }
        guard turns.count < Limits.launchQueue else { throw Failure(.noCapacity, "too many nodes and VMs are queued") }
        var record = InstanceRecord(
            kind: request.kind, id: id, host: request.host, want: .up, isCommitted: false,
            generation: generations.next(), createdAt: WallClock.now)
        record.labels = request.labels
        record.vm = request.vm
        record.config = try request.config.map { config throws(Failure) in try Self.named(config) }
        record.pending = [PendingRequest(purpose: .create, message: message)]
        // Checked before queueing, so that an impossible request fails at once.
        do throws(Failure) { _ = try place(record) } catch {
            guard placement(of: record).isPending(among: hosts.table) else { throw error }
        }
        return record
    }

    private func free(_ id: HostName) throws(Failure) -> HostName {
        guard store.isFree(id), hosts[id]?.isKnown != true else { throw Failure(.nameInUse, "\(id) is in use") }
        return id
    }

    private func unused(_ kind: InstanceKind) -> HostName {
        while true {
            let text = String(UInt64.random(in: 0..<2_821_109_907_456), radix: 36)
            if let id = HostName("\(kind.rawValue)-\(text)"), store.isFree(id), hosts[id] == nil { return id }
        }
    }

    /// Adds a process name if there is none: with a name, a repeated start does not start a second process.
    static func named(_ config: JSON) throws(Failure) -> JSON {
        guard config["name"] == nil else { return config }
        let program = try ProcessSpec(config: config).invocation.programName
        let name = Name(sanitizing: "\(program.prefix(Limits.nameLength - 2))-1", fallback: "process-1")
        return .object((config.members ?? []) + [.init("name", .string(name.description))])
    }

    func remove(_ removal: InstanceRemoval, _ message: Message, reply: @escaping Instance.Reply) {
        let isKnown = store[removal.id].map { removal.host == nil || removal.host == $0.record.host } ?? false
        if !isKnown, removeOrphan(removal, message, reply: reply) { return }
        guard let instance = find(removal.kind, removal.id, reply) else { return }
        if let host = removal.host, instance.record.host != host {
            return reply(.failed(Failure(removal.kind.noSuch, "there is no \(instance.title) on \(host)")))
        }
        let held = held(by: instance.id)
        if !held.isEmpty, !removal.isForced {
            let titles = held.map(\.title).joined(separator: ", ")
            return reply(.failed(Failure(.notAllowed, "it is the host of \(titles): remove those first, or use force")))
        }
        for inner in held { removeWithHost(inner) }
        enlist(.remove, message, of: instance, reply)
        feed(.remove, to: instance)
        tellIfAway(instance)
    }

    /// The nodes and VMs that have the instance `id` as their host.
    private func held(by id: HostName) -> [Instance] {
        store.all.filter { $0.record.host == id && $0.lifecycle.want == .up }
    }

    /// Removes an instance and all that it is the host of. Each removal is saved and survives a restart of pm-cluster.
    private func removeWithHost(_ instance: Instance) {
        for inner in held(by: instance.id) { removeWithHost(inner) }
        feed(.remove, to: instance)
    }

    /// Adds a request, which is answered when its work has ended or takes too long.
    func enlist(
        _ purpose: PendingRequest.Purpose, _ message: Message, of instance: Instance, _ reply: @escaping Instance.Reply
    ) {
        let request = instance.add(purpose, message)
        instance.await(request, limited(request, of: instance, reply))
    }

    /// - Returns: a reply with a timeout: after `Limits.clusterAnswer` seconds, the request is answered with an error.
    func limited(
        _ request: PendingRequest, of instance: Instance, _ reply: @escaping Instance.Reply
    ) -> Instance.Reply {
        let seconds = Limits.clusterAnswer
        let timer = loop.after(.seconds(seconds)) { [weak self] in
            let late = Failure(.timeout, "\(instance.title) takes longer than \(Int(seconds)) s: it continues")
            instance.answer(request, .failed(late))
            if let self, store[instance.id] === instance { store.save(instance) }
        }
        return { [loop] outcome in
            loop.cancel(timer)
            reply(outcome)
        }
    }

    func reset(_ kind: InstanceKind, _ id: HostName, _ message: Message, reply: @escaping Instance.Reply) {
        guard let instance = find(kind, id, reply) else { return }
        if let host = instance.record.host, hosts.presence(of: host) != .online {
            return reply(.failed(Failure(.hostOffline, "its host \(host) is offline")))
        }
        // Checked before the instance is ended: if it could not be started again, it is kept running.
        if instance.lifecycle.isCommitted, instance.lifecycle.want == .up {
            do throws(Failure) { _ = try place(instance.record) } catch { return reply(.failed(error)) }
        }
        enlist(.reset, message, of: instance, reply)
        feed(.reset, to: instance)
    }

    private func find(_ kind: InstanceKind, _ id: HostName, _ reply: Instance.Reply) -> Instance? {
        if let instance = store[id], instance.kind == kind { return instance }
        reply(.failed(noSuch(kind, id)))
        return nil
    }

    func noSuch(_ kind: InstanceKind, _ id: HostName) -> Failure {
        let unreadable = directory.unreadable.contains(id) ? ": its file can't be read" : nil
        let other = store[id].map { ": \(id) is a \($0.kind.rawValue)" } ?? unreadable
        return Failure(kind.noSuch, "there is no \(kind.rawValue) \(id)\(other ?? "")")
    }

    /// If the host is offline, has the request answered now. The work is done when the host is online again.
    func tellIfAway(_ instance: Instance) {
        guard let host = instance.record.host, hosts.presence(of: host) == .offline else { return }
        feed(.hostOffline, to: instance)
    }

    // MARK: Processes on nodes

    /// Starts a process on a node, with `persist` set so that the node's agent starts it again after a reset.
    func run(_ config: JSON, on id: HostName, _ message: Message, reply: @escaping Instance.Reply) {
        guard let node = store[id], node.kind == .node else { return reply(.failed(noSuch(.node, id))) }
        guard node.lifecycle.phase == .running else {
            let entry = report.entry(of: node)
            let code: ErrorCode = entry.state == .hostOffline ? .hostOffline : .notAllowed
            return reply(.failed(Failure(code, "\(id) is \(entry.state.rawValue)")))
        }
        let persistent: JSON =
            config["persist"] == nil ? .object((config.members ?? []) + [.init("persist", true)]) : config
        // Saved, so that pm-cluster can answer it after a restart.
        let request = node.add(.run, message)
        node.await(request, reply)
        store.save(node)
        let late = Failure(.timeout, "\(id) did not answer in time: the process may have been started")
        requests.send(
            .startProcess, ["config": persistent], to: id, within: configuration.stepTimeout, on: loop, late: late
        ) { [weak self] result in
            node.answer(request, Self.started(result, on: id))
            // The node may have been removed, and its file with it.
            if let self, store[node.id] === node { store.save(node) }
        }
    }

    private static func started(_ result: Result<JSON, Failure>, on id: HostName) -> ClusterOutcome {
        switch result {
        case .success(let result):
            let process = result["process_id"]?.string.flatMap(Name.init) ?? id.name
            return .processStarted(process, pid: result["pid"]?.integer.flatMap(Int32.init(exactly:)))
        case .failure(let failure): return .failed(failure)
        }
    }
}
