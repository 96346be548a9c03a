import CLinux
import Glibc

/// A child that one thread waits for, as other threads see it: a newborn, or a child that looks at a path.
package final class SpawnProgress {
    /// Set by the kernel as soon as there is a child; -1 before.
    let pidfd = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    /// The stage that a launch has reached.
    let stage = UnsafeMutablePointer<pm_spawn_stage>.allocate(capacity: 1)
    private var isTaken = false

    package init() {
        pidfd.initialize(to: -1)
        stage.initialize(to: PM_SPAWN_SETUP)
    }

    deinit {
        if pidfd.pointee >= 0, !isTaken { close(pidfd.pointee) }
        pidfd.deallocate()
        stage.deallocate()
    }

    /// Kills the child if there is one and it can be killed. Must not be called after the handle was taken.
    package func kill() {
        if pidfd.pointee >= 0 { pm_pidfd_send_signal(pidfd.pointee, SIGKILL) }
    }

    /// Whether a launch is entering its working directory, which may block for ever.
    package var isEnteringDirectory: Bool { pm_stage(stage) == PM_SPAWN_DIRECTORY }

    /// Hands the pidfd over to the caller.
    func take() -> Descriptor {
        isTaken = true
        return Descriptor(owning: pidfd.pointee)
    }
}
