import Glibc

/// A small file system in memory that can be made full or read-only.
package final class StateDisk: Sendable {
    package enum Fault: String, CaseIterable, Sendable { case isFull, isReadOnly }

    private let path: String

    /// Mounts it. Needs root.
    ///
    /// - Parameter megabytes: the size.
    package init(at path: String, megabytes: Int = 1) throws {
        self.path = path
        guard mount("pm-test", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
            throw TestError.system("mount \(path)")
        }
    }

    package func unmount() { umount2(path, Int32(MNT_DETACH)) }

    package func begin(_ fault: Fault) throws {
        switch fault {
        case .isFull:
            let file = open("\(path)/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            defer { close(file) }
            let page = [UInt8](repeating: 1, count: 4_096)
            while write(file, page, page.count) > 0 {}
        // A read-only bind mount on top: a remount fails while a process has a file open for writing.
        case .isReadOnly:
            try mountAgain(UInt(MS_BIND))
            try mountAgain(UInt(MS_REMOUNT) | UInt(MS_BIND) | UInt(MS_RDONLY))
        }
    }

    package func end(_ fault: Fault) throws {
        switch fault {
        case .isFull: unlink("\(path)/filler")
        case .isReadOnly: unmount()
        }
    }

    private func mountAgain(_ flags: UInt) throws {
        guard mount(path, path, nil, flags, nil) == 0 else { throw TestError.system("mount \(path) again") }
    }
}
