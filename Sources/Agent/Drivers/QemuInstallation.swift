import LinuxSystem
import Model

/// The programs and the image that VMs need, and their paths on this host.
struct QemuInstallation: Equatable, Sendable {
    var runner = ""
    var qemu = ""
    /// The directory of the kernel and the initramfs.
    var image = ""
    /// Why no VM can be run on this host; nil if nothing is missing.
    var obstacle: String?

    /// The value of `vm_image` that turns VMs off.
    static let noImage = "none"

    /// Looks for QEMU in PATH, for `pm-vm` beside this program, and for the image where `make install` or
    /// `make vm-image` have put it.
    ///
    /// - Parameter image: the setting `vm_image`; nil searches the default directories.
    init(image: String?) {
        guard image != Self.noImage else {
            obstacle = "vm_image turns VMs off"
            return
        }
        guard let program = Program.path, let slash = program.lastIndex(of: "/") else {
            obstacle = "can't find the agent's own program"
            return
        }
        let directory = String(program[..<slash])
        runner = "\(directory)/pm-vm"
        let images =
            image.map { [$0] }
            ?? ["lib/pmqtt/vm", "vm-image", "../vm-image"].map { "\(directory)/../\($0)" }
        self.image = images.first { FileSystem.kind(of: "\($0)/vmlinux") == .other } ?? image ?? ""
        qemu =
            ["/usr/local/bin", "/usr/bin"].map { "\($0)/qemu-system-x86_64" }
            .first { FileSystem.isExecutable($0) } ?? ""
        obstacle = missing(images)
    }

    /// Changes when QEMU or the image changes.
    var signature: [String] {
        [qemu, "\(image)/vmlinux", "\(image)/initramfs.cpio"].map { FileSystem.identity(of: $0) }
    }

    /// Whether what is missing may be installed later. Not if there is no runner, as in a guest, or if VMs are turned
    /// off.
    var mayChange: Bool { FileSystem.isExecutable(runner) }

    /// Whether KVM may work.
    var hasKVM: Bool { FileSystem.isAccessible("/dev/kvm") }

    private func missing(_ images: [String]) -> String? {
        if !FileSystem.isExecutable(runner) { return "\(runner) is missing" }
        if qemu.isEmpty { return "qemu-system-x86_64 is not installed" }
        if FileSystem.kind(of: "\(image)/vmlinux") == nil {
            return "no VM image in \(images.joined(separator: ", ")): build one with make vm-image"
        }
        return nil
    }
}
