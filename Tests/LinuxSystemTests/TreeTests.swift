import Glibc
import LinuxSystem
import TestSupport
import Testing

extension SpawningTests {
    /// Trees of processes, with cgroups and without.
    @Suite struct TreeTests {
        private static let shapes = [
            ["--fork", "3"], ["--double-fork", "3"], ["--setsid-grandchild"],
            ["--fork", "2", "--double-fork", "2", "--setsid-grandchild"],
        ]

        @Test(arguments: Family.means, shapes) func `a whole tree is found and killed`(
            means: Family.Means, shape: [String]
        ) async throws {
            let family = try Family(means, ["--ignore-term"] + shape)
            #expect(family.pids.count >= 3 && family.tree.members() == family.pids)
            family.tree.signal(SIGTERM)
            #expect(!family.tree.isEmpty && family.survivors == family.pids)
            family.tree.kill()
            try await eventually("all are gone") { family.tree.isEmpty }
            #expect(family.survivors.isEmpty)
        }

        @Test(arguments: Family.means, shapes) func `a signal reaches the whole tree`(
            means: Family.Means, shape: [String]
        ) async throws {
            let family = try Family(means, shape)
            family.tree.signal(SIGTERM)
            try await eventually("all are gone") { family.tree.isEmpty }
            #expect(family.survivors.isEmpty)
        }

        @Test(arguments: Family.means) func `no process outside the tree is killed`(means: Family.Means) async throws {
            let (family, other) = (try Family(means, ["--fork", "2"]), try Family(means, ["--double-fork", "2"]))
            let stranger = try Run(["/bin/sleep", "1000"])
            family.tree.kill()
            try await eventually("all are gone") { family.tree.isEmpty }
            #expect(other.survivors == other.pids && other.tree.members() == other.pids)
            #expect(SystemProcess(Int(stranger.handle.pid)).state != "Z")
        }

        @Test(arguments: Family.means) func `a tree can be found by another object with its launch number`(
            means: Family.Means
        ) throws {
            let family = try Family(means, ["--double-fork", "1"])
            #expect(Mark(launch: family.tree.mark.launch).members() == family.pids)
            guard let cgroup = family.tree.cgroup else { return }
            #expect(Cgroup(path: cgroup.path).members() == family.pids)
            #expect(try Family.root.cgroups().values.contains(cgroup))
        }

        @Test func `one scan of the host finds many marks`() throws {
            let families = try (0..<3).map { _ in try Family(.mark, ["--double-fork", "1"]) }
            var marks: Set<Mark> = [Mark(launch: 1 << 61)]
            var expected: [Mark: Set<Int32>] = [:]
            for family in families {
                marks.insert(family.tree.mark)
                expected[family.tree.mark] = family.pids
            }
            #expect(Mark.members(of: marks) == expected && expected.count == 3)
            #expect(Mark.members(of: []).isEmpty)
        }

        @Test func `the mark of 0.2.0 is read, and the current mark has precedence`() async throws {
            let (old, new) = (UInt64(1) << 62 + 5, UInt64(1) << 62 + 6)
            let limits = ["--rttime=\(old):\(old)", "--locks=\(new):\(new)"]
            for count in 1...2 {
                let run = try Run(["/usr/bin/prlimit"] + limits.prefix(count) + ["/bin/sleep", "1000"])
                let expected = Mark(launch: count == 1 ? 5 : 6)
                let pid = run.handle.pid
                try await eventually("the limits") { Mark(of: pid) == expected }
                let text = try FileSystem.read("/proc/\(pid)/limits", limit: 1 << 16)
                #expect(Mark(limits: text) == expected)
            }
        }

        @Test func `the mark is in the limits that every user may read`() throws {
            let text = try Run.output(of: "cat /proc/self/limits") { _ in }
            #expect(Mark(limits: Array(text.utf8)) == nil)
            var options = SpawnOptions()
            options.launch = 5
            let marked = try Run.output(of: "cat /proc/self/limits", options: options)
            #expect(Mark(limits: Array(marked.utf8)) == Mark(launch: 5))
            #expect(Mark(limits: []) == nil)
        }
    }
}
