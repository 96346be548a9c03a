/// How an agent runs virtual machines: what its configuration says of that.
package struct VMSettings: Equatable, Sendable {
    /// The directory of what machines boot from; nil is where it is usually.
    package var image: String?
    /// Whether machines are cloned, where they can be. Clones share where their kernel has put itself in memory.
    package var clones = true
    /// Machines that are restored before anybody wants them.
    package var pool = 0
    /// Seconds within which one must be up.
    package var bootTimeout = Limits.vmBoot
    /// Seconds without a connection to the broker after which one is given up.
    package var silenceTimeout = Limits.vmSilence

    package init() {}
}
