extension CgroupRoot {
    /// Disables the controllers that agents have enabled below the cgroup of this program. Otherwise systemd could not
    /// start a unit again while processes have outlived its agent, because a cgroup with controllers below it can't
    /// contain processes (cgroups(7)). The limits of the cgroups are lost with the controllers.
    ///
    /// - Parameter prefix: the beginning of the names of agents' cgroups.
    package static func release(prefix: String) throws(SystemError) {
        try release(prefix: prefix, base: CgroupMount.own())
    }

    /// - Parameter base: the directory of this program's cgroup.
    package static func release(prefix: String, base: String) throws(SystemError) {
        let base = Cgroup(path: base.hasSuffix(control) ? String(base.dropLast(control.count)) : base)
        let roots = base.children.filter { $0.path.dropFirst(base.path.utf8.count + 1).hasPrefix(prefix) }
        if roots.isEmpty { return }
        for root in roots { releaseAll(from: root) }
        for controller in CgroupController.allCases {
            try base.set("cgroup.subtree_control", "-\(controller.rawValue)")
        }
    }

    /// A controller can be disabled only when it is disabled in all cgroups below.
    private static func releaseAll(from cgroup: Cgroup) {
        for child in cgroup.children { releaseAll(from: child) }
        for controller in CgroupController.allCases {
            // Fails if the controller is not enabled here.
            _ = try? cgroup.set("cgroup.subtree_control", "-\(controller.rawValue)")
        }
    }

    /// The subgroup in which systemd executes ExecStopPost of a unit with Delegate=yes.
    private static let control = "/.control"
}
