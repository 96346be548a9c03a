import Glibc
import LinuxSystem
import TestSupport
import Testing

/// What is written to which file, in a folder that looks like a cgroup tree, because test hosts rarely have free
/// controllers.
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

    @Test func `available controllers are enabled on each level`() throws {
        try folder.write("cpuset memory\n", to: "cgroup.controllers")
        let root = try CgroupRoot(name: "pm", agents: [], base: folder.path)
        #expect(root.path == "\(folder.path)/pm")
        #expect(folder.read("cgroup.subtree_control") == "+memory")
        #expect(folder.read("pm/cgroup.subtree_control") == "+memory")
        #expect(root.obstacles == [.cpu: "not available to cgroup v2 here", .pids: "not available to cgroup v2 here"])
    }

    @Test func `a controller that is enabled above is not enabled again`() throws {
        for name in ["", "pm/"] { try folder.write("pids\n", to: "\(name)cgroup.controllers") }
        let root = try CgroupRoot(name: "pm", agents: [], base: folder.path)
        #expect(folder.read("cgroup.subtree_control").isEmpty && root.obstacles[.pids] == nil)
        #expect(folder.read("pm/cgroup.subtree_control") == "+pids")
    }

    @Test func `an agent that is restarted in its leaf finds the same root`() throws {
        let leaf = "\(folder.path)/pm/agent"
        #expect(try CgroupRoot(name: "pm", agents: [], base: leaf).path == "\(folder.path)/pm")
        // The leaf of another agent is treated like any directory.
        #expect(throws: SystemError.self) { try CgroupRoot(name: "other", agents: [], base: leaf) }
    }

    @Test func `existing cgroups are found by name, without the agent's leaf`() throws {
        let root = try CgroupRoot(name: "pm", agents: [], base: folder.path)
        #expect(root.cgroups().isEmpty)
        let cgroup = try root.make("p1")
        #expect(try root.make("p1") == cgroup)
        #expect(root.cgroups() == ["p1": cgroup])
    }

    @Test func `a root that can't be made is an error with a reason`() throws {
        #expect(throws: SystemError("make the cgroup /no/such/pm", errno: ENOENT)) {
            try CgroupRoot(name: "pm", agents: [], base: "/no/such")
        }
    }
}
