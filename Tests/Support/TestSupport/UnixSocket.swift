import Glibc

/// Stream sockets at a path.
package enum UnixSocket {
    package static func listen(at path: String) throws -> Int32 {
        let descriptor = make()
        guard descriptor >= 0 else { throw TestError.system("socket") }
        guard withAddress(path, { bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 8) == 0 else {
            close(descriptor)
            throw TestError.system("listen at \(path)")
        }
        return descriptor
    }

    /// - Returns: a blocking, connected socket; nil if there is no listener.
    package static func connect(to path: String) -> Int32? {
        let descriptor = make()
        guard descriptor >= 0 else { return nil }
        if withAddress(path, { Glibc.connect(descriptor, $0, $1) }) == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    private static func make() -> Int32 { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0) }

    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
