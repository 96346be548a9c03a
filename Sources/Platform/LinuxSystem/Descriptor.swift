package import Glibc

/// An open file descriptor, closed at the end of its owner's life.
package struct Descriptor: ~Copyable {
    package let number: Int32

    package init(owning number: Int32) { self.number = number }

    /// Another descriptor of the same open file. If this program may open no more, it has the number -1, and its use
    /// fails with EBADF.
    package init(copying number: Int32) { self.number = fcntl(number, F_DUPFD_CLOEXEC, 0) }

    deinit { close(number) }

    /// Opens a file, close-on-exec.
    package static func open(
        _ path: String, _ flags: Int32, mode: mode_t = 0o640
    ) throws(SystemError) -> Descriptor {
        let number = try System.call("open \(path)") { Glibc.open(path, flags | O_CLOEXEC, mode) }
        return Descriptor(owning: number)
    }
}
