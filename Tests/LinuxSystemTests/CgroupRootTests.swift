import Glibc
import LinuxSystem
import TestSupport
import Testing

/// What is written where, in a folder that looks like a cgroup tree: controllers are rarely free on a machine of tests.
@Suite struct CgroupRootTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        #expect(mkdir("\(folder.path)/pm", 0o755) == 0 && mkdir("\(folder.path)/pm/agent", 0o755) == 0)
        for name in ["", "pm/"] {
            for file in ["cgroup.procs", "cgroup.subtree_control", "cgroup.controllers"] {
                try folder.write("", to: name + file)
            }
        }
    }

    @Test func `controllers that there are are enabled on the way down`() throws {
        try folder.write("cpuset memory\n", to: "cgroup.controllers")
        let root = try CgroupRoot(name: "pm", agents: [], base: folder.path)
        #expect(root.path == "\(folder.path)/pm")
        #expect(folder.read("cgroup.subtree_control") == "+memory")
        #expect(folder.read("pm/cgroup.subtree_control") == "+memory")
        #expect(root.obstacles == [.cpu: "not available to cgroup v2 here", .pids: "not available to cgroup v2 here"])
    }

    @Test func `what is enabled above is left as it is`() throws {
        for name in ["", "pm/"] { try folder.write("pids\n", to: "\(name)cgroup.controllers") }
        let root = try CgroupRoot(name: "pm", agents: [], base: folder.path)
        #expect(folder.read("cgroup.subtree_control").isEmpty && root.obstacles[.pids] == nil)
        #expect(folder.read("pm/cgroup.subtree_control") == "+pids")
    }

    @Test func `an agent started anew in its leaf finds the same root`() throws {
        let leaf = "\(folder.path)/pm/agent"
        #expect(try CgroupRoot(name: "pm", agents: [], base: leaf).path == "\(folder.path)/pm")
        // Another's leaf is a place like any.
        #expect(throws: SystemError.self) { try CgroupRoot(name: "other", agents: [], base: leaf) }
    }

    @Test func `what is left is found by name, the leaf of the agent apart`() throws {
        let root = try CgroupRoot(name: "pm", agents: [], base: folder.path)
        #expect(root.cgroups().isEmpty)
        let cgroup = try root.make("p1")
        #expect(try root.make("p1") == cgroup)
        #expect(root.cgroups() == ["p1": cgroup])
    }

    @Test func `a place that can't be used says why`() throws {
        #expect(throws: SystemError("make the cgroup /no/such/pm", errno: ENOENT)) {
            try CgroupRoot(name: "pm", agents: [], base: "/no/such")
        }
    }
}
