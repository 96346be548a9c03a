package import Glibc

/// An open file descriptor, closed at the end of its owner's life.
package struct Descriptor: ~Copyable {
    package let number: Int32

    package init(owning number: Int32) { self.number = number }

    deinit { close(number) }

    /// Opens a file, close-on-exec.
    package static func open(
        _ path: String, _ flags: Int32, mode: mode_t = 0o640
    ) throws(SystemError) -> Descriptor {
        let number = try System.call("open \(path)") { Glibc.open(path, flags | O_CLOEXEC, mode) }
        return Descriptor(owning: number)
    }
}
