import LinuxSystem
import Model

/// What it takes to run virtual machines, and where it is on this machine.
struct QemuInstallation: Equatable, Sendable {
    var runner = ""
    var qemu = ""
    /// The directory of kernel and root.
    var image = ""
    /// Why none can be run here.
    var obstacle: String?

    /// As the image of an agent that runs no machines.
    static let noImage = "none"

    /// Looks for QEMU in PATH, for `pm-vm` beside this program, and for the image where `make install` or
    /// `make vm-image` have put it.
    ///
    /// - Parameter image: nil is wherever one is.
    init(image: String?) {
        guard image != Self.noImage else {
            obstacle = "vm_image turns machines off"
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

    /// Changes with what machines are made of.
    var signature: [String] {
        [qemu, "\(image)/vmlinux", "\(image)/initramfs.cpio"].map { FileSystem.identity(of: $0) }
    }

    /// Whether what is missing may be there one day. Who has no program to run machines, as the inside of one, or was told
    /// that there is no image, need not look for it.
    var mayChange: Bool { FileSystem.isExecutable(runner) }

    /// Whether KVM is worth a try.
    var hasKVM: Bool { FileSystem.isAccessible("/dev/kvm") }

    private func missing(_ images: [String]) -> String? {
        if !FileSystem.isExecutable(runner) { return "\(runner) is not there" }
        if qemu.isEmpty { return "qemu-system-x86_64 is not installed" }
        if FileSystem.kind(of: "\(image)/vmlinux") == nil {
            return "no image to boot in \(images.joined(separator: ", ")): make vm-image builds it"
        }
        return nil
    }
}
