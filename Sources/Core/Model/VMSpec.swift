/// A virtual machine that somebody wants.
package struct VMSpec: Equatable, Sendable {
    /// MiB.
    package var memory: Int
    /// Virtual processors.
    package var cpus: Int
    package var agent: InnerAgent

    /// MiB that the VM takes of its host at most: the guest's and QEMU's own.
    package var footprint: Int { memory + Limits.vmRoom + (cpus - 1) * Limits.vmRoomPerCPU }

    package init(memory: Int = Limits.vmMemory, cpus: Int = 1, agent: InnerAgent = InnerAgent()) {
        self.memory = memory
        self.cpus = cpus
        self.agent = agent
    }
}
