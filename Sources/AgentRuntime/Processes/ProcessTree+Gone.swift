import LinuxSystem

extension ProcessTree {
    /// Whether nothing of it lives. A cgroup that is empty can be removed, and only such a one: so it is.
    var isGone: Bool {
        switch self {
        case .cgroup: remove()
        case .marked: isEmpty
        }
    }
}
