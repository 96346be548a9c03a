import LinuxSystem
import Testing

/// Finding the cgroup tree from texts as kernels write them.
@Suite struct CgroupMountTests {
    private static let unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"
    private static let hybrid = """
        25 22 0:23 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        26 25 0:24 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
        34 25 0:32 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        """
    private static let part = "30 23 0:26 /docker/ab /sys/fs/cgroup ro - cgroup2 cgroup rw"

    @Test(
        arguments: [
            (unified, "0::/system.slice/pm.service\n", "/sys/fs/cgroup/system.slice/pm.service"),
            (unified, "0::/\n", "/sys/fs/cgroup"),
            (hybrid, "8:pids:/x\n1:cpu:/y\n0::/z\n", "/sys/fs/cgroup/unified/z"),
            (part, "0::/docker/ab/c\n", "/sys/fs/cgroup/c"), (part, "0::/docker/ab\n", "/sys/fs/cgroup"),
            (part, "0::/docker/abc\n", nil), (unified, "8:pids:/x\n", nil), ("", "0::/\n", nil),
            ("30 23 0:26 / /sys/fs/cgroup rw - cgroup cgroup rw", "0::/\n", nil), ("- cgroup2", "0::/\n", nil),
        ] as [(String, String, String?)])
    func `the directory is found`(mounts: String, memberships: String, path: String?) {
        #expect(CgroupMount.path(mounts: Array(mounts.utf8), memberships: Array(memberships.utf8)) == path)
    }
}
