import Glibc

/// The environment variables of this program.
package enum Environment {
    /// Nil if the variable is not set.
    package static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// `NAME=value`, as this program was started with.
    package static var inherited: [String] {
        let bytes = (try? FileSystem.read("/proc/self/environ", limit: 4 << 20)) ?? []
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
}
