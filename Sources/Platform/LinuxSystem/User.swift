import Glibc

/// Who this program runs as.
package struct User: Equatable, Sendable {
    package let name: String
    package let home: String

    /// From the user database; may take its time where that is on a network, so it is asked once, at the start.
    package static let current: User = {
        guard let entry = getpwuid(geteuid()) else { return User(name: "\(geteuid())", home: "/") }
        return User(name: String(cString: entry.pointee.pw_name), home: String(cString: entry.pointee.pw_dir))
    }()
}
