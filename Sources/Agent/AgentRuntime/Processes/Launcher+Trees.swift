import Glibc
import LinuxSystem

/// What belongs to which launch.
extension Launcher {
    /// Whether a launch was this agent's. No agent makes so many that the number could be another agent's.
    func hasLaunched(_ launch: UInt64) -> Bool { launch <= latest && latest - launch < 1 << 32 }

    /// The launch that a process belongs to, by its cgroup or its mark.
    func launch(of pid: Int32) -> UInt64? { forest.launch(of: pid) ?? Mark(of: pid)?.launch }

    /// The tree of a process's latest launch, whoever launched it.
    func tree(of process: ManagedProcess) -> ProcessTree? {
        process.launch.number == 0 ? nil : forest.tree(of: process.launch.number)
    }

    /// Ends a launch that nobody wants.
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
