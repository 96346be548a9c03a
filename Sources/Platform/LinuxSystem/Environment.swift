import Glibc

/// The environment variables of this program.
package enum Environment {
    /// Nil if the variable is not set.
    package static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
