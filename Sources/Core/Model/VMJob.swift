/// Everything that a runner must know. The agent passes it by a descriptor, never on the command line, because it holds
/// secrets.
package struct VMJob: Equatable, Sendable {
    package var id: Name
    package var vm: VMSpec
    /// Path of QEMU, and the directory with kernel and initramfs.
    package var qemu: String
    package var image: String
    package var accelerator: Accelerator
    package var work = Work.boot
    /// Where the broker is, and how the guest's agent connects to it.
    package var broker: StreamTarget
    package var guest = GuestBroker()
    /// Grace period in seconds of processes in the guest.
    package var stopGrace: Double
    /// See ``VMSettings``.
    package var bootTimeout = Limits.vmBoot
    package var silenceTimeout = Limits.vmSilence

    package init(
        id: Name, vm: VMSpec, qemu: String, image: String, accelerator: Accelerator, broker: StreamTarget,
        stopGrace: Double
    ) {
        self.id = id
        self.vm = vm
        self.qemu = qemu
        self.image = image
        self.accelerator = accelerator
        self.broker = broker
        self.stopGrace = stopGrace
    }
}

/// What executes a guest's instructions.
package enum Accelerator: String, Sendable {
    /// The host's processor.
    case kvm
    /// QEMU's translator.
    case tcg
}

extension VMJob {
    package enum Work: String, Sendable {
        /// Boot a VM and run it.
        case boot
        /// Restore a template and run it as a VM of its own.
        case clone
        /// Boot a VM until it waits for its identity, and save it there as a template.
        case prepare
        /// Restore a template, let it warm up, and wait for a request to become a certain VM.
        case park
    }

    /// The numbers under which the runner finds the memory and the state of a template, and the socket on which a
    /// prestarted VM receives its job. They are high so that no other descriptor has them.
    package static let memoryDescriptor: Int32 = 198
    package static let stateDescriptor: Int32 = 199
    package static let lineDescriptor: Int32 = 200
}
