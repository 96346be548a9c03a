import CLinux
import Glibc

/// A child for which a thread waits, as another thread sees it.
package final class SpawnProgress {
    /// Set by the kernel as soon as there is a child; -1 before.
    let pidfd = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    /// How far a start has come.
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

    /// Ends the child, if there is one and it can be ended. Not to be called once its handle has gone elsewhere.
    package func kill() {
        if pidfd.pointee >= 0 { pidfd_send_signal(pidfd.pointee, SIGKILL, nil, 0) }
    }

    /// What a start is about to do that can last for ever.
    package var isEnteringDirectory: Bool { pm_stage(stage) == PM_SPAWN_DIRECTORY }

    /// The descriptor is the caller's from now on.
    func take() -> Descriptor {
        isTaken = true
        return Descriptor(owning: pidfd.pointee)
    }
}
