import JSONCodec
import Model
import Wire

extension InstanceRecord {
    var json: JSON {
        var members: [JSON.Member] = [
            .init("kind", .string(kind.rawValue)), .init("id", .string(id.description)),
            .init("want", .string(want.rawValue)), .init("committed", .bool(isCommitted)),
            .init("generation", .string(generation)), .init("created_at", .number(createdAt)),
        ]
        if !replaced.isEmpty { members.append(.init("replaced", .array(replaced.map { .string($0) }))) }
        if isMismatched { members.append(.init("doubtful", true)) }
        if isAdopted { members.append(.init("adopted", true)) }
        if let host { members.append(.init("host", .string(host.description))) }
        if !labels.isEmpty { members.append(.init("labels", Label.json(labels))) }
        if let vm {
            members += [.init("memory_mb", .number(vm.memory)), .init("cpus", .number(vm.cpus))]
        }
        if let config { members.append(.init("config", config)) }
        let pending = keptPending
        if !pending.isEmpty { members.append(.init("pending", .array(pending))) }
        return .object(members)
    }

    /// The oldest requests that fit into `Limits.pendingRequests` bytes. The others get no answer after a crash.
    private var keptPending: [JSON] {
        var room = Limits.pendingRequests
        return pending.compactMap(\.json).filter { json in
            let size = json.printed().count
            guard size <= room else { return false }
            room -= size
            return true
        }
    }

    init(_ json: JSON) throws(Failure) {
        guard let kind = json["kind"]?.string.flatMap(InstanceKind.init(rawValue:)),
            let id = json["id"]?.string.flatMap(HostName.init), let generation = json["generation"]?.string
        else { throw Failure(.invalidArgument, "it needs kind, id and generation") }
        self.init(
            kind: kind, id: id, host: json["host"]?.string.flatMap(HostName.init),
            want: json["want"]?.string.flatMap(Want.init) ?? .up, isCommitted: json["committed"]?.bool ?? false,
            generation: generation, createdAt: json["created_at"]?.number ?? 0)
        labels = try json["labels"].map { labels throws(Failure) in try Label.list(labels) } ?? []
        if let memory = json["memory_mb"]?.integer {
            vm = VMSpec(memory: memory, cpus: json["cpus"]?.integer ?? 1)
        }
        // Hosts would refuse other values on every retry, and summing them could overflow and trap.
        let sizes = Limits.vmMemoryLeast...Limits.vmMemoryMost
        guard (1...Limits.generation).contains(generation.utf8.count),
            vm.map({ sizes.contains($0.memory) && (1...Limits.machineCPUs).contains($0.cpus) }) ?? true
        else { throw Failure(.invalidArgument, "its generation, memory_mb or cpus is out of range") }
        replaced = (json["replaced"]?.array ?? []).compactMap(\.string)
        isAdopted = json["adopted"]?.bool ?? false
        isMismatched = json["doubtful"]?.bool ?? false
        config = json["config"]
        pending = (json["pending"]?.array ?? []).compactMap { PendingRequest($0, topic: .clusterControl(kind)) }
    }
}
