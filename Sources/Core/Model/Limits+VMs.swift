/// Of virtual machines.
extension Limits {
    /// MiB of a VM's memory when nobody says how much, at least (a guest's kernel and agent fill 100), and at most.
    package static let vmMemory = 128
    package static let vmMemoryLeast = 112
    package static let vmMemoryMost = 256 << 10

    /// Seconds within which a VM's agent must be up, which takes one under TCG.
    package static let vmBoot = 60.0

    /// The same where it is found out whether KVM runs guests: opening its device says nothing.
    package static let vmProbe = 3.0

    /// Templates that VMs are cloned from: a size of memory each, which they hold.
    package static let vmTemplates = 4

    /// What a VM may have beside what its guest was given, for QEMU itself: MiB with one processor (translated code takes 64 of
    /// them), MiB for each further one (a thread's stack takes 8, and what it translates some more), and processors.
    package static let vmRoom = 256
    package static let vmRoomPerCPU = 24
    package static let vmCPURoom = 0.5

    /// Agents that are kept begun before anybody wants them as nodes: each holds some MB.
    package static let nodeSpares = 64

    /// VMs that are kept restored before anybody wants them: each holds some tens of MB.
    package static let vmPool = 64

    /// Seconds without a VM being wanted before another one is restored for the pool, and after one that has failed.
    package static let poolPause = 0.5
    package static let poolRetry = 10.0

    /// Seconds between two looks for what machines are made of, while none can be run, and until it is tried again.
    package static let vmLook = 5.0
    package static let vmRetry = 300.0

    /// Seconds that a guest which waits has until it becomes a template: its kernel looks after its network for one.
    package static let vmSettling = 1.1

    /// Seconds from the connect of a guest's agent to its first health message.
    package static let vmHealthDelay = 2.0

    /// Seconds between two looks at whether a guest's clock is right.
    package static let systemClock = 600.0

    /// Connections to the broker that a VM may have at once, and seconds after which one that has had none is given up:
    /// longer than an agent waits between two attempts, and than a broker takes to see that it is gone.
    package static let vmConnections = 16
    package static let vmSilence = 120.0

    /// Bytes of a file of certificates, or of a key, that goes into a VM with its identity.
    package static let pemFile = 64 << 10

    /// Bytes of the line that tells why QEMU has ended.
    package static let lastWords = 500

    /// Virtual processors of a VM.
    package static let machineCPUs = 64
}
