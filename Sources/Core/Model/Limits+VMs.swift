/// Bounds of VMs.
extension Limits {
    /// MiB of a VM's memory: default, minimum (a guest's kernel and agent take 100) and maximum.
    package static let vmMemory = 128
    package static let vmMemoryLeast = 112
    package static let vmMemoryMost = 256 << 10

    /// Seconds within which a VM's agent must be up. Under TCG, the start takes about one second.
    package static let vmBoot = 60.0

    /// The same for the test of whether KVM can run guests. The test boots a guest because opening /dev/kvm proves
    /// nothing.
    package static let vmProbe = 3.0

    /// Number of templates; each has its own memory size and holds that much memory.
    package static let vmTemplates = 4

    /// What a VM may use in addition to its guest's memory and processors, for QEMU itself: MiB with one processor
    /// (translated code takes 64 of them), MiB for each further processor (8 for a thread's stack, the rest for
    /// translated code), and processors.
    package static let vmRoom = 256
    package static let vmRoomPerCPU = 24
    package static let vmCPURoom = 0.5

    /// Number of prestarted nodes: each takes some MB.
    package static let nodeSpares = 64

    /// Number of prestarted VMs: each takes some tens of MB.
    package static let vmPool = 64

    /// Seconds without a request for a VM before the pool prestarts another one, and the delay after a failed attempt.
    package static let poolPause = 0.5
    package static let poolRetry = 10.0

    /// Seconds between two looks for QEMU and the image while they are missing, and between two attempts to run a VM
    /// after a failure.
    package static let vmLook = 5.0
    package static let vmRetry = 300.0

    /// Seconds that a waiting guest has before it becomes a template: its kernel needs about one second to settle its
    /// network.
    package static let vmSettling = 1.1

    /// Seconds between the connect of a guest's agent and its first health message.
    package static let vmHealthDelay = 2.0

    /// Seconds between two corrections of a guest's clock.
    package static let systemClock = 600.0

    /// Number of a VM's simultaneous connections to the broker, and seconds without any after which the VM is given up.
    /// The time exceeds an agent's longest reconnect delay and the time a broker needs to detect a lost connection.
    package static let vmConnections = 16
    package static let vmSilence = 120.0

    /// Bytes of a certificate or key file that is copied into a VM.
    package static let pemFile = 64 << 10

    /// Bytes of the line that says why QEMU ended.
    package static let lastWords = 500

    /// Virtual processors of a VM.
    package static let machineCPUs = 64
}
