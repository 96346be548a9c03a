import CLinux
import Glibc

/// Limits that survive the removal of controllers (``CgroupRoot/release(prefix:)``), which makes the kernel forget
/// them. They are stored in an extended attribute of the cgroup's directory, which every kernel supports that can clone
/// into a cgroup (Linux 5.7).
extension Cgroup {
    private static let attribute = "user.pmqtt.limits"
    private static let attributeSize = 256

    func remember(_ settings: [(file: String, value: String)]) {
        let text = Array(settings.map { "\($0) \($1)" }.joined(separator: "\n").utf8)
        setxattr(path, Self.attribute, text, text.count, 0)
    }

    /// Sets the stored limits again, if there are any.
    package func restoreLimits() throws(SystemError) {
        var bytes = [UInt8](repeating: 0, count: Self.attributeSize)
        let count = getxattr(path, Self.attribute, &bytes, bytes.count)
        guard count > 0 else { return }
        let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
        try apply(
            lines.compactMap { line in
                let words = line.split(separator: " ", maxSplits: 1)
                return words.count == 2 ? (String(words[0]), String(words[1])) : nil
            })
    }
}
