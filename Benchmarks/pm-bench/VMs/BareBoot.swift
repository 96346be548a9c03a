import Glibc
import LinuxSystem
import TestSupport

/// The yardstick for VMs: a bare QEMU with the options that pm-vm uses (`VMRuntime/QemuCommand`), which boots the same
/// kernel with a minimal root file system.
final class BareBoot {
    private let kernel: String
    private let root: String
    private let listener: Descriptor
    private let port: UInt16
    private let folder: TemporaryFolder
    private let counter = GuestSetup.counterFrequency

    /// - Parameter image: the folder of the VM image.
    init(image: String) throws {
        kernel = "\(image)/vmlinux"
        folder = try TemporaryFolder()
        root = "\(folder.path)/root.cpio"
        let script = "\(Self.scripts)/bench-guest.sh"
        let maker = try ChildProcess(["/bin/sh", script, image, root], log: "\(folder.path)/log")
        guard maker.wait() == 0 else { throw BenchError("\(script): \(folder.read("log"))") }
        listener = Descriptor(owning: socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
        port = try Self.listen(listener)
    }

    /// Boots one guest.
    ///
    /// - Returns: seconds from the start of QEMU until the guest has connected to this program.
    func measure() throws -> Double {
        let begin = Instant.now
        let qemu = try ChildProcess(["/usr/bin/qemu-system-x86_64"] + arguments, log: "\(folder.path)/log")
        defer { qemu.end(with: SIGKILL) }
        var waiting = pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 60_000) == 1 else {
            throw BenchError("a bare guest did not come up: \(folder.read("log"))")
        }
        let seconds = (Instant.now - begin).inSeconds
        close(accept(listener.number, nil, nil))
        return seconds
    }

    private var arguments: [String] {
        let frequency = counter.map { " tsc_early_khz=\($0) tsc=reliable" } ?? ""
        let words =
            "console=ttyS0 quiet loglevel=1 panic=-1 reboot=t cryptomgr.notests\(frequency) acpi=off noapic nolapic "
            + "noreplace-smp pm_port=\(port)"
        return [
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-M", "pc,hpet=off,usb=off,vmport=off",
            "-m", "128", "-smp", "1", "-accel", "tcg,thread=single,tb-size=64", "-cpu", "qemu64,+rdrand",
            "-kernel", kernel, "-initrd", root, "-append", words, "-netdev", "user,id=net,ipv6=off",
            "-device", "virtio-net-pci,netdev=net,romfile=,vectors=0", "-serial", "stdio",
        ]
    }

    private static let scripts = String(
        #filePath.dropLast("/Benchmarks/pm-bench/VMs/BareBoot.swift".count) + "/scripts")

    private static func listen(_ listener: borrowing Descriptor) throws -> UInt16 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener.number, $0, size) == 0 && getsockname(listener.number, $0, &size) == 0
            }
        }
        guard isBound, Glibc.listen(listener.number, 8) == 0 else { throw SystemError("listen on a port") }
        return UInt16(bigEndian: address.sin_port)
    }
}
