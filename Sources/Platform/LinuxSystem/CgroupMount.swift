import Glibc

/// Finds the host's cgroup v2 tree.
package enum CgroupMount {
    /// The directory of the cgroup of this program.
    static func own() throws(SystemError) -> String {
        let mounts = try FileSystem.read("/proc/self/mountinfo", limit: 1 << 20)
        let memberships = try FileSystem.read("/proc/self/cgroup", limit: 64 << 10)
        guard let path = path(mounts: mounts, memberships: memberships) else {
            throw SystemError("find the cgroup v2 tree", errno: ENOENT)
        }
        return path
    }

    /// - Parameters:
    ///   - mounts: the content of mountinfo (proc_pid_mountinfo(5)).
    ///   - memberships: lines as `0::/user.slice`; the one without a controller is of version 2 (cgroups(7)).
    package static func path(mounts: [UInt8], memberships: [UInt8]) -> String? {
        let lines = memberships.split(separator: UInt8(ascii: "\n"))
        guard let membership = lines.first(where: { $0.starts(with: "0::/".utf8) }) else { return nil }
        let own = String(decoding: membership.dropFirst(3), as: UTF8.self)
        for line in mounts.split(separator: UInt8(ascii: "\n")) {
            // 36 35 98:0 /mnt1 /mnt2 rw,noatime shared:1 - cgroup2 cgroup2 rw
            let fields = line.split(separator: UInt8(ascii: " "))
            guard let dash = fields.firstIndex(where: { $0.elementsEqual("-".utf8) }), dash >= 6,
                dash + 1 < fields.count, fields[dash + 1].elementsEqual("cgroup2".utf8)
            else { continue }
            let root = String(decoding: fields[3], as: UTF8.self)
            let place = String(decoding: fields[4], as: UTF8.self)
            if root == "/" { return own == "/" ? place : place + own }
            // Some containers mount only a part of the tree.
            if own == root { return place }
            if own.hasPrefix(root + "/") { return place + own.dropFirst(root.utf8.count) }
        }
        return nil
    }
}
