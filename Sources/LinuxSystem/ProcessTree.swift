import Glibc

/// All that one start of a process has brought forth, by whatever means it is found.
package enum ProcessTree: Equatable, Sendable {
    case cgroup(Cgroup)
    case marked(Mark)

    /// Sends a signal to every process of it.
    package func signal(_ signal: Int32) {
        switch self {
        case .cgroup(let cgroup): cgroup.signal(signal)
        case .marked(let mark): mark.signal(signal)
        }
    }

    /// SIGKILL for every process of it. Who forks on and on without a cgroup may need it again.
    package func kill() {
        switch self {
        case .cgroup(let cgroup): cgroup.kill()
        case .marked(let mark): mark.signal(SIGKILL)
        }
    }

    /// Whether no process of it lives; zombies don't count.
    ///
    /// Without a cgroup it takes a look at each process of the machine: for many trees, see ``Mark/members(of:)``.
    package var isEmpty: Bool {
        switch self {
        case .cgroup(let cgroup): cgroup.isEmpty
        case .marked(let mark): mark.members().isEmpty
        }
    }

    package func members() -> Set<Int32> {
        switch self {
        case .cgroup(let cgroup): cgroup.members()
        case .marked(let mark): mark.members()
        }
    }

    /// Gives back what the system keeps for it.
    ///
    /// - Returns: false while somebody is in it.
    package func remove() -> Bool {
        switch self {
        case .cgroup(let cgroup): cgroup.remove()
        case .marked: true
        }
    }

    /// A signal goes round so often to catch what is started meanwhile; who starts more has ignored it, or is killed
    /// again by whoever wants it gone.
    static let signalRounds = 16
}
