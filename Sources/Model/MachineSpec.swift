/// A virtual machine that somebody wants.
package struct MachineSpec: Equatable, Sendable {
    /// MiB.
    package var memory: Int
    /// Virtual processors.
    package var cpus: Int
    package var agent: InnerAgent

    package init(memory: Int = Limits.machineMemory, cpus: Int = 1, agent: InnerAgent = InnerAgent()) {
        self.memory = memory
        self.cpus = cpus
        self.agent = agent
    }
}
