/// All that the runner of a virtual machine must know; it goes to it by a descriptor, never by its command line.
package struct VMJob: Equatable, Sendable {
    package var id: Name
    package var vm: VMSpec
    /// The program, and the directory of kernel and root.
    package var qemu: String
    package var image: String
    package var accelerator: Accelerator
    package var work = Work.boot
    /// Where the broker is, and as whom the guest's agent speaks to it.
    package var broker: StreamTarget
    package var guest = GuestBroker()
    /// Seconds that the guest's agent gives its processes.
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

/// What carries out a guest's instructions.
package enum Accelerator: String, Sendable {
    /// The processor itself.
    case kvm
    /// QEMU, which translates them.
    case tcg
}

extension VMJob {
    package enum Work: String, Sendable {
        /// Boot a machine and run it.
        case boot
        /// Go on where a template has been left, as a machine of its own.
        case clone
        /// Boot a machine until it asks who it is, and leave it so, for clones to go on.
        case prepare
        /// Get a clone so far that it need only go on, and wait to hear as which machine.
        case park
    }

    /// Under these numbers the runner finds the memory and the state of a template, and the line on which a parked one
    /// hears what it is to be; no other descriptor of a process has them by chance.
    package static let memoryDescriptor: Int32 = 198
    package static let stateDescriptor: Int32 = 199
    package static let lineDescriptor: Int32 = 200
}
