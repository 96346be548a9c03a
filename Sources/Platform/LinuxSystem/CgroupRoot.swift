import Glibc

/// The part of the machine's cgroup tree (cgroups(7), version 2) that is this program's: a control group for each start
/// of a process.
package struct CgroupRoot: Equatable, Sendable {
    /// Its own directory, below the control group this program was started in.
    package let path: String
    /// Why a controller can't limit anything here, a phrase for people; those that can are not in it.
    package private(set) var obstacles: [CgroupController: String] = [:]

    /// Makes it, or takes the one there is.
    ///
    /// - Parameters:
    ///   - name: one path component, the same after each restart of this program, unlike that of any other.
    ///   - agents: the processes of this program. Where it was given a control group to itself (systemd's
    ///     `Delegate=yes`), they move into a leaf of it: only then can controllers be enabled.
    package init(name: String, agents: Set<Int32>) throws(SystemError) {
        try self.init(name: name, agents: agents, base: CgroupMount.own())
    }

    /// - Parameter base: the directory of the control group this program is in.
    package init(name: String, agents: Set<Int32>, base: String) throws(SystemError) {
        // A worker that was started anew is in the leaf already.
        let leaf = "/\(name)/\(Self.leaf)"
        let base = base.hasSuffix(leaf) ? String(base.dropLast(leaf.count)) : base
        path = "\(base)/\(name)"
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw SystemError("make the cgroup \(path)") }
        // It could be there, but another's.
        guard access("\(path)/cgroup.procs", W_OK) == 0 else { throw SystemError("use the cgroup \(path)") }
        for controller in CgroupController.allCases {
            obstacles[controller] = enable(controller, below: Cgroup(path: base), agents: agents)
        }
    }

    /// A control group for one start of a process.
    ///
    /// - Parameter name: one path component, without a dot.
    package func make(_ name: String) throws(SystemError) -> Cgroup {
        let cgroup = Cgroup(name, below: path)
        // One of an earlier start may be left.
        guard mkdir(cgroup.path, 0o755) == 0 || errno == EEXIST else {
            throw SystemError("make the cgroup \(cgroup.path)")
        }
        return cgroup
    }

    /// Those that are there, by name; what is no process's any more is to be removed.
    package func cgroups() -> [String: Cgroup] {
        var found: [String: Cgroup] = [:]
        for name in FileSystem.directories(in: path) where name != Self.leaf {
            found[name] = Cgroup(name, below: path)
        }
        return found
    }

    /// That of those control groups in which, or below which, a process is.
    package func name(of pid: Int32) -> String? {
        let text = (try? FileSystem.read("/proc/\(pid)/cgroup", limit: 64 << 10)) ?? []
        guard let line = text.split(separator: UInt8(ascii: "\n")).first(where: { $0.starts(with: "0::/".utf8) })
        else { return nil }
        // Its own directory's name is no other's on this machine.
        let names = String(decoding: line, as: UTF8.self).split(separator: "/")
        guard let own = path.split(separator: "/").last, let index = names.firstIndex(of: own),
            index + 1 < names.endIndex
        else { return nil }
        return String(names[index + 1])
    }

    /// - Returns: why it can't be; nil when it is enabled for the control groups of processes.
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
            // The kernel lets a control group have either processes or controllers below it.
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

    /// The control group of the program itself.
    private static let leaf = "agent"
}

/// What of a machine a control group can bound.
package enum CgroupController: String, Sendable, CaseIterable {
    case memory, cpu, pids
}
