import Glibc

/// The user that this program runs as.
package struct User: Equatable, Sendable {
    package let name: String
    package let home: String

    /// The effective ids of this program.
    package static var number: UInt32 { geteuid() }
    package static var group: UInt32 { getegid() }

    package static var isRoot: Bool { number == 0 }

    /// Whether this program may run others as another user: CAP_SETGID and CAP_SETUID (capabilities(7)), which root lacks
    /// in some containers.
    package static let mayChange: Bool = {
        guard isRoot else { return false }
        guard let bytes = try? FileSystem.read("/proc/self/status", limit: 16_384) else { return true }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let effective = line?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } ?? .max
        // CAP_SETGID and CAP_SETUID of linux/capability.h.
        let both: UInt64 = 1 << 6 | 1 << 7
        return effective & both == both
    }()

    /// From the user database, which may block if it is on a network. Looked up once, at the start.
    package static let current: User = {
        guard let entry = getpwuid(geteuid()) else { return User(name: "\(geteuid())", home: "/") }
        return User(name: String(cString: entry.pointee.pw_name), home: String(cString: entry.pointee.pw_dir))
    }()
}
