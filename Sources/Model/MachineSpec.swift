/// A virtual machine that somebody wants.
package struct MachineSpec: Equatable, Sendable {
    /// MiB.
    package var memory: Int
    /// Virtual processors.
    package var cpus: Int
    package var agent: InnerAgent

    /// MiB that the VM takes of its host at most: the guest's and QEMU's own.
    package var footprint: Int { memory + Limits.machineRoom + (cpus - 1) * Limits.machineRoomPerCPU }

    package init(memory: Int = Limits.machineMemory, cpus: Int = 1, agent: InnerAgent = InnerAgent()) {
        self.memory = memory
        self.cpus = cpus
        self.agent = agent
    }
}
