import var Glibc.O_RDONLY
import LinuxSystem
import Model

/// The files that QEMU inherits as descriptors: QEMU runs as a user that may have no access to their paths.
struct QemuFiles {
    private final class OpenFile {
        let descriptor: Descriptor

        init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
    }

    private var files: [(file: OpenFile, place: QemuCommand.Inherited)] = []

    init(_ command: QemuCommand) throws(SystemError) {
        let image = command.job.image
        if command.work != .clone {
            add(try Descriptor.open("\(image)/vmlinux", O_RDONLY), .kernel)
            add(try Descriptor.open("\(image)/initramfs.cpio", O_RDONLY), .root)
        }
        if command.work != .boot { add(Descriptor(copying: VMJob.memoryDescriptor), .memory) }
        if command.work == .clone { add(try Self.reopen(VMJob.stateDescriptor), .state) }
    }

    private mutating func add(_ descriptor: consuming Descriptor, _ place: QemuCommand.Inherited) {
        files.append((OpenFile(descriptor), place))
    }

    /// Clones share the state file, so each needs a file offset of its own.
    private static func reopen(_ number: Int32) throws(SystemError) -> Descriptor {
        try Descriptor.open("/proc/self/fd/\(number)", O_RDONLY)
    }

    var extras: [(descriptor: Int32, target: Int32)] {
        files.map { ($0.file.descriptor.number, $0.place.rawValue) }
    }
}
