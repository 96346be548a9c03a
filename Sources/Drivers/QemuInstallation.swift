import Glibc
import LinuxSystem

/// What it takes to run virtual machines, and where it is on this machine.
struct QemuInstallation: Equatable, Sendable {
    var runner = ""
    var qemu = ""
    /// The directory of kernel and root.
    var image = ""
    /// Why none can be run here.
    var obstacle: String?

    /// Looks for QEMU in PATH, for `pm-vm` beside this program, and for the image where `make install` or
    /// `make vm-image` have put it, or where `PM_VM_IMAGE` says.
    static var found: QemuInstallation {
        var found = QemuInstallation()
        guard let program = Program.path, let slash = program.lastIndex(of: "/") else {
            found.obstacle = "can't find the agent's own program"
            return found
        }
        let directory = String(program[..<slash])
        found.runner = "\(directory)/pm-vm"
        let images =
            getenv("PM_VM_IMAGE").map { [String(cString: $0)] }
            ?? ["lib/pmqtt/vm", "vm-image", "../vm-image"].map { "\(directory)/../\($0)" }
        found.image = images.first { FileSystem.kind(of: "\($0)/vmlinux") == .other } ?? ""
        found.qemu =
            ["/usr/local/bin", "/usr/bin"].map { "\($0)/qemu-system-x86_64" }
            .first { FileSystem.isExecutable($0) } ?? ""
        found.obstacle = found.missing(images)
        return found
    }

    private func missing(_ images: [String]) -> String? {
        if !FileSystem.isExecutable(runner) { return "\(runner) is not there" }
        if qemu.isEmpty { return "qemu-system-x86_64 is not installed" }
        if image.isEmpty { return "no image to boot in \(images.joined(separator: ", ")): make vm-image builds it" }
        return nil
    }
}
