import Glibc

/// Listens at a Unix socket and never answers, like a broker that hangs.
package final class SilentListener: Sendable {
    private let folder: TemporaryFolder
    private let descriptor: Int32

    package var url: String { "unix://\(folder.path)/s" }

    package init() throws {
        folder = try TemporaryFolder()
        descriptor = try UnixSocket.listen(at: "\(folder.path)/s")
    }

    deinit { close(descriptor) }

    /// Whether a client has connected. The kernel completes the connection; it is never accepted.
    package var hasConnection: Bool {
        var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        return poll(&descriptors, 1, 0) == 1
    }
}
