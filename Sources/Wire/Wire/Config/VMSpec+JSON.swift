package import JSONCodec
package import Model

extension VMSpec {
    init(in fields: Field) throws(Failure) {
        self.init(agent: try InnerAgent(in: fields))
        memory = try fields["memory_mb"]?.whole(in: Limits.vmMemoryLeast...Limits.vmMemoryMost) ?? memory
        cpus = try fields["cpus"]?.whole(in: 1...Limits.machineCPUs) ?? cpus
    }

    /// Decodes the size in a VM's entry; nil when the entry has none.
    package init?(entry: JSON) {
        guard let memory = entry["memory_mb"]?.integer, let cpus = entry["cpus"]?.integer,
            (0...Limits.vmMemoryMost).contains(memory), (1...Limits.machineCPUs).contains(cpus)
        else { return nil }
        self.init(memory: memory, cpus: cpus)
    }

    func write(to members: inout Members) {
        members.add("memory_mb", memory, unless: Limits.vmMemory)
        members.add("cpus", cpus, unless: 1)
        agent.write(to: &members)
    }
}
