/// The requested size of a VM, and what its agent is told.
package struct VMSpec: Equatable, Sendable {
    /// MiB.
    package var memory: Int
    /// Virtual processors.
    package var cpus: Int
    package var agent: InnerAgent

    /// Maximum MiB of host memory that the VM takes: the guest's memory and QEMU's own.
    package var footprint: Int { memory + Limits.vmRoom + (cpus - 1) * Limits.vmRoomPerCPU }

    package init(memory: Int = Limits.vmMemory, cpus: Int = 1, agent: InnerAgent = InnerAgent()) {
        self.memory = memory
        self.cpus = cpus
        self.agent = agent
    }
}
