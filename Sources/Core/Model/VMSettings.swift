/// How an agent runs VMs, from its configuration.
package struct VMSettings: Equatable, Sendable {
    /// The directory of the image that VMs boot from; nil means the default directory.
    package var image: String?
    /// Whether VMs are cloned from a template if possible. Clones share the address space layout of their kernel.
    package var clones = true
    /// Number of prestarted VMs.
    package var pool = 0
    /// Seconds within which a VM must be up.
    package var bootTimeout = Limits.vmBoot
    /// Seconds without a connection to the broker after which a VM is given up.
    package var silenceTimeout = Limits.vmSilence

    package init() {}
}
