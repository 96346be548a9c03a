import Glibc

/// Real virtual machines in tests.
package enum VMSupport {
    /// Why there can be none here, which is said, so that nobody takes a skipped test for a passed one.
    package static let obstacle: String? = {
        var obstacle: String?
        if access("/usr/bin/qemu-system-x86_64", X_OK) != 0 { obstacle = "qemu-system-x86_64 can't be installed here" }
        if let obstacle { print("no tests of virtual machines: \(obstacle)") }
        return obstacle
    }()

    /// One may take a while where everything is slow.
    package static let patience = Duration.seconds(300)
}
