import Glibc

extension Account {
    /// An account that no other process uses. Its number is from a range that systemd and Debian leave unused
    /// (https://systemd.io/UIDS-GIDS), plus this program's pid.
    ///
    /// Nil if this program's user namespace lacks that number, as in a container with few of them.
    ///
    /// - Parameter group: a name or a number; nil: the group with the account's number.
    package static func unshared(group: String?) -> Account? {
        let number = firstUnshared + UInt32(getpid())
        guard isMapped(number, in: "uid_map"), isMapped(number, in: "gid_map") else { return nil }
        return try? find(user: "\(number)", group: group)
    }

    /// The range has room for every pid (PID_MAX_LIMIT is 2^22).
    private static let firstUnshared: UInt32 = 0x7000_0000

    /// Whether an id is mapped in this program's user namespace (user_namespaces(7)). A kernel without user namespaces
    /// has all ids.
    private static func isMapped(_ number: UInt32, in file: String) -> Bool {
        guard let text = try? FileSystem.read("/proc/self/\(file)", limit: 64 << 10) else { return true }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").contains { line in
            let fields = line.split(separator: " ").compactMap { UInt64($0) }
            return fields.count == 3 && (fields[0]..<fields[0] + fields[2]).contains(UInt64(number))
        }
    }
}
