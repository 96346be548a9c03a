import Glibc

/// The subtree of the host's cgroup tree (cgroups(7), version 2) that belongs to an agent: a cgroup for each launch.
///
/// It is a directory in the cgroup that the agent was started in. Controllers can be enabled for the launches only if
/// that cgroup contains no processes. So where the agent has the cgroup to itself, its own processes move to a leaf,
/// `agent`.
package struct CgroupRoot: Equatable, Sendable {
    /// The subtree's directory, in the cgroup that this program was started in.
    package let path: String
    /// For each controller that can't limit anything here: the reason, a phrase for people.
    package private(set) var obstacles: [CgroupController: String] = [:]

    /// Makes the subtree, or takes over an existing one.
    ///
    /// - Parameters:
    ///   - name: one path component, unique on the host and the same after each restart of this program.
    ///   - agents: the processes of this program. If it has its cgroup to itself (systemd's `Delegate=yes`), they move
    ///     to a leaf of it, because only then can controllers be enabled.
    package init(name: String, agents: Set<Int32>) throws(SystemError) {
        try self.init(name: name, agents: agents, base: CgroupMount.own())
    }

    /// - Parameter base: the directory of this program's cgroup.
    package init(name: String, agents: Set<Int32>, base: String) throws(SystemError) {
        // A new worker of the same agent is in the leaf already.
        let leaf = "/\(name)/\(Self.leaf)"
        let base = base.hasSuffix(leaf) ? String(base.dropLast(leaf.count)) : base
        path = "\(base)/\(name)"
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw SystemError("make the cgroup \(path)") }
        // An existing directory may belong to another user.
        guard access("\(path)/cgroup.procs", W_OK) == 0 else { throw SystemError("use the cgroup \(path)") }
        for controller in CgroupController.allCases {
            obstacles[controller] = enable(controller, below: Cgroup(path: base), agents: agents)
        }
    }

    /// Makes the cgroup of a launch.
    ///
    /// - Parameter name: one path component, without a dot.
    package func make(_ name: String) throws(SystemError) -> Cgroup {
        let cgroup = Cgroup(name, below: path)
        // One of an earlier launch may exist.
        guard mkdir(cgroup.path, 0o755) == 0 || errno == EEXIST else {
            throw SystemError("make the cgroup \(cgroup.path)")
        }
        return cgroup
    }

    /// The existing cgroups of launches, by name. The caller removes those without a process.
    package func cgroups() -> [String: Cgroup] {
        var found: [String: Cgroup] = [:]
        for name in FileSystem.directories(in: path) where name != Self.leaf {
            found[name] = Cgroup(name, below: path)
        }
        return found
    }

    /// The name of the launch's cgroup that contains a process, directly or further below; nil if there is none.
    package func name(of pid: Int32) -> String? {
        let text = (try? FileSystem.read("/proc/\(pid)/cgroup", limit: 64 << 10)) ?? []
        guard let line = text.split(separator: UInt8(ascii: "\n")).first(where: { $0.starts(with: "0::/".utf8) })
        else { return nil }
        // The name of the own directory is unique on this host.
        let names = String(decoding: line, as: UTF8.self).split(separator: "/")
        guard let own = path.split(separator: "/").last, let index = names.firstIndex(of: own),
            index + 1 < names.endIndex
        else { return nil }
        return String(names[index + 1])
    }

    /// - Returns: why the controller can't be enabled for the cgroups of launches; nil if it is enabled.
    private func enable(_ controller: CgroupController, below base: Cgroup, agents: Set<Int32>) -> String? {
        guard Self.has(controller, "\(base.path)/cgroup.controllers") else { return "not available to cgroup v2 here" }
        do throws(SystemError) {
            if !Self.has(controller, "\(path)/cgroup.controllers") {
                try enable(controller, in: base, agents: agents)
            }
            try Cgroup(path: path).set("cgroup.subtree_control", "+\(controller.rawValue)")
            return nil
        } catch {
            return error.number == EBUSY ? "the agent shares its cgroup with other processes" : error.description
        }
    }

    private func enable(_ controller: CgroupController, in base: Cgroup, agents: Set<Int32>) throws(SystemError) {
        do throws(SystemError) {
            try base.set("cgroup.subtree_control", "+\(controller.rawValue)")
        } catch {
            // A cgroup can contain either processes or controllers for cgroups below it.
            let members = base.ownMembers()
            guard error.number == EBUSY, !members.isEmpty, members.isSubset(of: agents) else { throw error }
            let leaf = try make(Self.leaf)
            for agent in agents { try leaf.set("cgroup.procs", "\(agent)") }
            try base.set("cgroup.subtree_control", "+\(controller.rawValue)")
        }
    }

    private static func has(_ controller: CgroupController, _ file: String) -> Bool {
        let text = (try? FileSystem.read(file, limit: 4096)) ?? []
        return text.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }.contains {
            $0.elementsEqual(controller.rawValue.utf8)
        }
    }

    /// The cgroup of the program itself.
    private static let leaf = "agent"
}

/// Resources that a cgroup can limit.
package enum CgroupController: String, Sendable, CaseIterable {
    case memory, cpu, pids
}
