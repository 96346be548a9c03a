import Glibc

/// Takes connections on a unix socket and says nothing: a broker that hangs.
package final class SilentListener: Sendable {
    private let folder: TemporaryFolder
    private let descriptor: Int32

    package var url: String { "unix://\(folder.path)/s" }

    package init() throws {
        folder = try TemporaryFolder()
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw TestError.system("socket") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: "\(folder.path)/s".utf8) }
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0, listen(descriptor, 8) == 0 else { throw TestError.system("listen") }
    }

    deinit { close(descriptor) }

    /// Whether somebody has connected: the kernel has accepted it, nobody else does.
    package var hasConnection: Bool {
        var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        return poll(&descriptors, 1, 0) == 1
    }
}
