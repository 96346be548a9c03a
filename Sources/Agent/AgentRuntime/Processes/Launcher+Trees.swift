import var Glibc.SIGKILL
import LinuxSystem

/// Which processes belong to which launch.
extension Launcher {
    /// Whether this agent made a launch. Another agent's numbers begin at a random one, and are practically never among
    /// the last 2³² of this agent; no agent makes more launches than that.
    func hasLaunched(_ launch: UInt64) -> Bool { launch <= latest && latest - launch < 1 << 32 }

    /// The launch that a process belongs to, by its cgroup or its mark.
    func launch(of pid: Int32) -> UInt64? { forest.launch(of: pid) ?? Mark(of: pid)?.launch }

    /// The tree of a process's latest launch, which an earlier worker may have made.
    func tree(of process: ManagedProcess) -> ProcessTree? {
        process.launch.number == 0 ? nil : forest.tree(of: process.launch.number)
    }

    /// Kills a launch that belongs to no process.
    func end(_ held: KeeperLink.Held) {
        let tree = forest.tree(of: held.launch)
        tree.isAdopted = !held.isChild
        if let pid = held.pid, let main = ProcessHandle.adopt(pid: pid, startTime: nil, isChildOfParent: held.isChild) {
            main.signal(SIGKILL)
        }
        tree.kill()
        tree.remove()
    }
}
