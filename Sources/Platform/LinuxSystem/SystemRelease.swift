import CLinux
import Glibc

/// Which system this host runs (os-release(5), uname(2)).
package enum SystemRelease {
    /// PRETTY_NAME, without quotes; nil where no file tells it.
    package static let os: String? = {
        for path in ["/etc/os-release", "/usr/lib/os-release"] {
            guard let bytes = try? FileSystem.read(path, limit: 64 << 10) else { continue }
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            guard let line = lines.first(where: { $0.hasPrefix("PRETTY_NAME=") }) else { continue }
            return String(line.dropFirst("PRETTY_NAME=".count)).filter { $0 != "\"" && $0 != "'" }
        }
        return nil
    }()

    package static let (kernel, arch): (String, String) = {
        var names = utsname()
        uname(&names)
        return (text(&names.release), text(&names.machine))
    }()

    private static func text<Field>(_ field: inout Field) -> String {
        withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
