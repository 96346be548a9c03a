import Glibc

/// Whether tests can run real VMs.
package enum VMSupport {
    /// Why this host cannot run VMs; nil if it can. The reason is printed, so that skipped tests are not taken for
    /// passed ones.
    package static let obstacle: String? = {
        var obstacle: String?
        if access("/usr/bin/qemu-system-x86_64", X_OK) != 0 { obstacle = "qemu-system-x86_64 can't be installed here" }
        if let obstacle { print("skipping tests with VMs: \(obstacle)") }
        return obstacle
    }()

    /// The timeout of a step with a VM on a slow host.
    package static let patience = Duration.seconds(300)
}
