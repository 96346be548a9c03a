import Glibc
import LinuxSystem
import TestSupport
import Testing

extension SpawningTests {
    /// What only cgroups provide.
    @Suite(.enabled(if: Family.means.contains(.cgroup))) final class CgroupTests {
        deinit { Family.removeRoot(try? Family.root) }

        @Test func `a child is in its cgroup before it runs`() throws {
            let cgroup = try Family.root.make("early")
            defer { #expect(cgroup.remove()) }
            var options = SpawnOptions()
            options.cgroup = cgroup
            options.launch = 1
            let text = try Run.output(of: "cat /proc/self/cgroup /proc/self/limits", options: options)
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("0::") })
            #expect(line.hasSuffix("/pmqtt-test-\(getpid())/early"))
            // The process could leave the cgroup, so it has the mark as well.
            #expect(Mark(limits: Array(text.utf8)) == Mark(launch: 1))
        }

        @Test func `it is known which controllers can set limits`() throws {
            let root = try Family.root
            // A controller without an obstacle has its file in the cgroup.
            let cgroup = try root.make("limits")
            defer { #expect(cgroup.remove()) }
            for controller in CgroupController.allCases {
                let file = FileSystem.kind(of: "\(cgroup.path)/\(controller.rawValue).max")
                #expect((file == nil) == (root.obstacles[controller] != nil))
            }
            let limited: ()? = try? cgroup.limit(memory: nil, cpu: nil, pids: 10)
            #expect(limited != nil || root.obstacles[.pids] != nil)
        }

        @Test func `limits are written in the kernel's format`() throws {
            let folder = try TemporaryFolder()
            for file in ["memory.max", "memory.oom.group", "cpu.max", "pids.max"] { try folder.write("", to: file) }
            try Cgroup(path: folder.path).limit(memory: 1 << 40, cpu: 0.25, pids: 7)
            #expect(folder.read("memory.max") == "1099511627776" && folder.read("memory.oom.group") == "1")
            #expect(folder.read("cpu.max") == "25000 100000" && folder.read("pids.max") == "7")
            try Cgroup(path: folder.path).limit(memory: nil, cpu: 0.0001, pids: nil)
            #expect(folder.read("cpu.max").hasPrefix("1000 ") && folder.read("pids.max") == "7")
        }

        @Test func `launching into a removed cgroup fails with a reason`() throws {
            let cgroup = try Family.root.make("gone")
            #expect(cgroup.remove())
            var options = SpawnOptions()
            options.cgroup = cgroup
            let error = #expect(throws: SpawnError.self) { try Run(["/bin/true"], options: options).wait() }
            #expect(error?.reason.hasPrefix("cgroup: no such") == true, "\(error?.reason ?? "")")
            #expect(cgroup.isEmpty && cgroup.remove())
        }

        @Test func `a cgroup is removed with its subgroups, but not while it has processes`() async throws {
            let family = try Family(.cgroup, ["--fork", "1"])
            let cgroup = try #require(family.tree.cgroup)
            #expect(mkdir("\(cgroup.path)/a", 0o755) == 0 && mkdir("\(cgroup.path)/a/b", 0o755) == 0)
            let member = try #require(family.pids.subtracting([family.pid]).first)
            let procs = try Descriptor.open("\(cgroup.path)/a/b/cgroup.procs", O_WRONLY)
            FileSystem.write("\(member)", to: procs.number)
            #expect(cgroup.members() == family.pids)
            #expect(!cgroup.remove())
            #expect(cgroup.kill())
            try await eventually("all are gone") { cgroup.isEmpty }
            #expect(family.survivors.isEmpty && cgroup.remove() && FileSystem.kind(of: cgroup.path) == nil)
        }
    }
}
