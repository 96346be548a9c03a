extension CgroupRoot {
    /// Takes back the controllers that agents have enabled below the control group this program is in. Until then systemd
    /// can't start a unit again in which processes have outlived their agent: a control group with controllers below it
    /// takes no process (cgroups(7)). Their limits go with the controllers.
    ///
    /// - Parameter prefix: what the names of agents' control groups begin with.
    package static func release(prefix: String) throws(SystemError) {
        try release(prefix: prefix, base: CgroupMount.own())
    }

    /// - Parameter base: the directory of the control group this program is in.
    package static func release(prefix: String, base: String) throws(SystemError) {
        let base = Cgroup(path: base.hasSuffix(control) ? String(base.dropLast(control.count)) : base)
        let roots = base.children.filter { $0.path.dropFirst(base.path.utf8.count + 1).hasPrefix(prefix) }
        if roots.isEmpty { return }
        for root in roots { releaseAll(from: root) }
        for controller in CgroupController.allCases {
            try base.set("cgroup.subtree_control", "-\(controller.rawValue)")
        }
    }

    /// None can be taken from a control group while it is enabled further below.
    private static func releaseAll(from cgroup: Cgroup) {
        for child in cgroup.children { releaseAll(from: child) }
        for controller in CgroupController.allCases {
            // It need not be enabled here, or there.
            _ = try? cgroup.set("cgroup.subtree_control", "-\(controller.rawValue)")
        }
    }

    /// Where systemd executes the ExecStopPost of a unit with Delegate=yes.
    private static let control = "/.control"
}
