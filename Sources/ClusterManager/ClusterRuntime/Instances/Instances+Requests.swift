import Cluster
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// Creating, removing and resetting instances on request, and the queue of starts.
extension Instances {
    func create(_ request: InstanceRequest, _ message: Message, reply: @escaping Instance.Reply) {
        do throws(Failure) {
            let record = try admit(request, message)
            let (lifecycle, actions) = InstanceLifecycle.create(hasProcess: request.kind == .vm)
            let instance = Instance(record, lifecycle)
            byID[record.id] = instance
            for request in record.pending { instance.await(recorded: request, reply) }
            perform(actions, on: instance)
        } catch {
            reply(.failed(error))
        }
    }

    private func admit(_ request: InstanceRequest, _ message: Message) throws(Failure) -> InstanceRecord {
        let id = try request.id.map { id throws(Failure) in try free(id) } ?? unused(request.kind)
        guard byID.count < Limits.instances else { throw Failure(.noCapacity, "there are too many nodes and VMs") }
        guard queue.count < Limits.launchQueue else { throw Failure(.noCapacity, "too many nodes and VMs are queued") }
        var record = InstanceRecord(
            kind: request.kind, id: id, host: request.host, want: .up, isCommitted: false,
            generation: generations.next(), createdAt: WallClock.now)
        record.labels = request.labels
        record.vm = request.vm
        record.config = try request.config.map { config throws(Failure) in try Self.named(config) }
        record.pending = [PendingRequest(purpose: .create, message: message)]
        // Checked before queueing, so that an impossible request fails at once.
        do throws(Failure) { _ = try place(record) } catch {
            guard placement(of: record).isPending(among: hosts) else { throw error }
        }
        return record
    }

    private func free(_ id: HostName) throws(Failure) -> HostName {
        guard byID[id] == nil, !store.unreadable.contains(id), hosts[id]?.isKnown != true else {
            throw Failure(.nameInUse, "\(id) is in use")
        }
        return id
    }

    private func unused(_ kind: InstanceKind) -> HostName {
        while true {
            let text = String(UInt64.random(in: 0..<2_821_109_907_456), radix: 36)
            if let id = HostName("\(kind.rawValue)-\(text)"), byID[id] == nil, hosts[id] == nil { return id }
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
        let isKnown = byID[removal.id].map { removal.host == nil || removal.host == $0.record.host } ?? false
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
        all.filter { $0.record.host == id && $0.lifecycle.want == .up }
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
        var request = PendingRequest(purpose: purpose, message: message)
        request.number = nextNumber()
        instance.await(request, limited(request, of: instance, reply))
    }

    func nextNumber() -> Int {
        lastRequest += 1
        return lastRequest
    }

    /// - Returns: a reply with a timeout: after `Limits.clusterAnswer` seconds, the request is answered with an error.
    func limited(
        _ request: PendingRequest, of instance: Instance, _ reply: @escaping Instance.Reply
    ) -> Instance.Reply {
        let seconds = Limits.clusterAnswer
        let timer = loop.after(.seconds(seconds)) { [weak self] in
            let late = Failure(.timeout, "\(instance.title) takes longer than \(Int(seconds)) s: it continues")
            instance.answer(request, .failed(late))
            if let self, byID[instance.id] === instance { save(instance) }
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
        if let instance = byID[id], instance.kind == kind { return instance }
        reply(.failed(noSuch(kind, id)))
        return nil
    }

    func noSuch(_ kind: InstanceKind, _ id: HostName) -> Failure {
        let unreadable = store.unreadable.contains(id) ? ": its file can't be read" : nil
        let other = byID[id].map { ": \(id) is a \($0.kind.rawValue)" } ?? unreadable
        return Failure(kind.noSuch, "there is no \(kind.rawValue) \(id)\(other ?? "")")
    }

    /// If the host is offline, has the request answered now. The work is done when the host is online again.
    func tellIfAway(_ instance: Instance) {
        guard let host = instance.record.host, hosts.presence(of: host) == .offline else { return }
        feed(.hostOffline, to: instance)
    }

    // MARK: Listing

    func entry(of instance: Instance) -> InstanceEntry {
        let presence = instance.record.host.map { hosts.presence(of: $0) }
        return instance.entry(hostIsOffline: presence == .offline)
    }

    func entries(of kind: InstanceKind) -> [InstanceEntry] { all.filter { $0.kind == kind }.map(entry) }

    // MARK: The queue

    /// Starts queued instances, as many as `max_launches` allows.
    func admitNext() {
        guard leadership.isActing, !isAdmitting else { return }
        isAdmitting = true
        defer { isAdmitting = false }
        var heldUp: [HostName] = []
        while queue.count > 0 {
            let active = byID.values.count { $0.lifecycle.isLaunching }
            guard let id = queue.next(active: active) else { break }
            guard let instance = byID[id], instance.lifecycle.phase == .queued else { continue }
            if !admit(instance) { heldUp.append(id) }
        }
        queue.putBack(heldUp)
    }

    /// - Returns: false if the instance has to stay queued; true if it was started or refused.
    private func admit(_ instance: Instance) -> Bool {
        do throws(Failure) {
            instance.record.host = try place(instance.record)
            if instance.isHeldUp { instance.trouble = nil }
            instance.isHeldUp = false
            feed(.admitted, to: instance)
        } catch {
            guard !placement(of: instance.record).isPending(among: hosts) else {
                instance.isHeldUp = true
                instance.trouble = error
                changed(instance)
                return false
            }
            feed(.refused(error), to: instance)
        }
        return true
    }

    /// A committed instance stays on its host, and needs no further memory there.
    private func placement(of record: InstanceRecord) -> Placement {
        Placement(
            kind: record.kind, host: record.host, memory: record.isCommitted ? 0 : record.memory,
            overcommit: configuration.memoryOvercommit)
    }

    private func place(_ record: InstanceRecord) throws(Failure) -> HostName {
        let usage = usage(without: record)
        return try placement(of: record).choose(among: hosts) { usage[$0] ?? .init() }
    }

    /// What is placed on each host, without the instance of `record`. Instances that are being removed still count with
    /// their memory.
    private func usage(without record: InstanceRecord) -> [HostName: Placement.Usage] {
        var usage: [HostName: Placement.Usage] = [:]
        for other in byID.values where other.id != record.id {
            guard let host = other.record.host else { continue }
            usage[host, default: .init()].promised += other.record.memory
            guard other.lifecycle.want == .up else { continue }
            usage[host, default: .init()].instances += 1
            if other.lifecycle.isLaunching { usage[host, default: .init()].memory += other.record.memory }
        }
        // VMs that were started without this pm-cluster, and leftovers.
        for (hostedID, memory) in hostedMemory where byID[hostedID.id]?.record.host != hostedID.host {
            usage[hostedID.host, default: .init()].promised += memory
        }
        return usage
    }
}
