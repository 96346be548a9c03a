/// All that the runner of a virtual machine must know; it goes to it by a descriptor, never by its command line.
package struct MachineJob: Equatable, Sendable {
    package var id: Name
    package var machine: MachineSpec
    /// The program, and the directory of kernel and root.
    package var qemu: String
    package var image: String
    package var accelerator: Accelerator
    /// Where the guest's agent shall end up, with the credentials that it shall use.
    package var brokerURL: String
    /// Seconds that the guest's agent gives its processes.
    package var stopGrace: Double

    package init(
        id: Name, machine: MachineSpec, qemu: String, image: String, accelerator: Accelerator, brokerURL: String,
        stopGrace: Double
    ) {
        self.id = id
        self.machine = machine
        self.qemu = qemu
        self.image = image
        self.accelerator = accelerator
        self.brokerURL = brokerURL
        self.stopGrace = stopGrace
    }
}

/// What carries out a guest's instructions.
package enum Accelerator: String, Sendable {
    /// The processor itself.
    case kvm
    /// QEMU, which translates them.
    case tcg
}
