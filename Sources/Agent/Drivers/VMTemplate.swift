import LinuxSystem
import Model

/// A guest that waits to hear who it is, as memory and state; clones go on where it was left.
final class VMTemplate {
    /// Tells it from those that were made before.
    let edition: Int
    let memory: Descriptor
    let state: Descriptor

    /// - Parameter megabytes: MiB of the guest's memory.
    init(megabytes: Int, edition: Int) throws(SystemError) {
        self.edition = edition
        memory = try Descriptor.sharedMemory("pmqtt-vm-memory", size: megabytes << 20)
        state = try Descriptor.sharedMemory("pmqtt-vm-state")
    }

    /// For the runner of the machine that becomes the template, or of one that is cloned from it.
    var placements: [DescriptorPlace] {
        [
            DescriptorPlace(memory.number, at: VMJob.memoryDescriptor),
            DescriptorPlace(state.number, at: VMJob.stateDescriptor),
        ]
    }

    /// Whoever breaks out of a clone can't change what others are made of.
    func seal() throws(SystemError) {
        try memory.seal()
        try state.seal()
    }
}
