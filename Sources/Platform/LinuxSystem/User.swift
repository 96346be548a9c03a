import Glibc

/// The user that this program runs as.
package struct User: Equatable, Sendable {
    package let name: String
    package let home: String

    /// The effective ids of this program.
    package static var number: UInt32 { geteuid() }
    package static var group: UInt32 { getegid() }

    package static var isRoot: Bool { number == 0 }

    /// From the user database, which may block if it is on a network. Looked up once, at the start.
    package static let current: User = {
        guard let entry = getpwuid(geteuid()) else { return User(name: "\(geteuid())", home: "/") }
        return User(name: String(cString: entry.pointee.pw_name), home: String(cString: entry.pointee.pw_dir))
    }()
}
