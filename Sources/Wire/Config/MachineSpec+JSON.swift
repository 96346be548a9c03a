import JSONCodec
import Model

extension MachineSpec {
    init(in fields: Field) throws(Failure) {
        self.init(agent: try InnerAgent(in: fields))
        memory = try fields["memory_mb"]?.whole(in: Limits.machineMemoryLeast...Limits.machineMemoryMost) ?? memory
        cpus = try fields["cpus"]?.whole(in: 1...Limits.machineCPUs) ?? cpus
    }

    func write(to members: inout Members) {
        members.add("memory_mb", memory, unless: Limits.machineMemory)
        members.add("cpus", cpus, unless: 1)
        agent.write(to: &members)
    }
}
