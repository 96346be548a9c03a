import Glibc

/// A small file system in memory, which can be made full or read-only.
package final class StateDisk: Sendable {
    package enum Fault: String, CaseIterable, Sendable { case isFull, isReadOnly }

    private let path: String

    /// Mounts it; takes root.
    ///
    /// - Parameter megabytes: how much it holds.
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
        // On top of what is there: who has a file open for writing would be in the way of a change.
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
