import LinuxSystem
import Model

/// A VM template: memory and device state of a guest that waits for its identity. Clones resume from there.
final class VMTemplate {
    /// A number that tells it from earlier templates.
    let edition: Int
    let memory: Descriptor
    let state: Descriptor

    /// - Parameter megabytes: MiB of the guest's memory.
    init(megabytes: Int, edition: Int) throws(SystemError) {
        self.edition = edition
        memory = try Descriptor.sharedMemory("pmqtt-vm-memory", size: megabytes << 20)
        state = try Descriptor.sharedMemory("pmqtt-vm-state")
    }

    /// The descriptors for the runner that saves the template, and for those of its clones.
    var placements: [DescriptorPlace] {
        [
            DescriptorPlace(memory.number, at: VMJob.memoryDescriptor),
            DescriptorPlace(state.number, at: VMJob.stateDescriptor),
        ]
    }

    /// Seals the memory (memfd_create(2)), so that an attacker who breaks out of a clone can't change other VMs.
    func seal() throws(SystemError) {
        try memory.seal()
        try state.seal()
    }
}
