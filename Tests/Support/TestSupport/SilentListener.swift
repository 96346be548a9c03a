import Glibc

/// Takes connections on a unix socket and says nothing: a broker that hangs.
package final class SilentListener: Sendable {
    private let folder: TemporaryFolder
    private let descriptor: Int32

    package var url: String { "unix://\(folder.path)/s" }

    package init() throws {
        folder = try TemporaryFolder()
        descriptor = try UnixSocket.listen(at: "\(folder.path)/s")
    }

    deinit { close(descriptor) }

    /// Whether somebody has connected: the kernel has accepted it, nobody else does.
    package var hasConnection: Bool {
        var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        return poll(&descriptors, 1, 0) == 1
    }
}
