import LinuxSystem
import Model
import ServiceSupport

/// Makes and finds the trees of launches: each has a cgroup of its own where the host permits that, else only a mark.
struct ProcessForest {
    let keeper = KeeperChildren()
    private let root: CgroupRoot?
    /// Why the agent uses no cgroups; empty when it does.
    private let reason: String

    /// - Parameters:
    ///   - name: of the agent's cgroup: unique on this host, and the same after a restart.
    ///   - holder: the pid of the pipe holder, which is moved to the agent's own leaf together with keeper and worker.
    init(name: String, holder: Int32?) {
        do throws(SystemError) {
            root = try CgroupRoot(name: name, agents: Set([Program.pid, Program.parent] + [holder].compactMap(\.self)))
            reason = ""
        } catch {
            root = nil
            reason = "no cgroup v2 here: \(error)"
        }
        restoreLimits()
    }

    /// Sets the limits of existing launches again: they are lost when systemd starts this agent beside processes of an
    /// earlier one.
    private func restoreLimits() {
        for cgroup in (root?.cgroups() ?? [:]).values {
            do throws(SystemError) { try cgroup.restoreLimits() } catch {
                Log.note("can't restore the limits of an earlier launch: \(error)", .error)
            }
        }
    }

    /// Makes the tree of a launch, with its cgroup and limits.
    ///
    /// - Throws: `not_allowed` when a limit can't be set here (a process never runs without the limits that it asks
    ///   for); `exec_failed` when the cgroup can't be made.
    func plant(_ launch: UInt64, _ limits: ResourceLimits) throws(Failure) -> ProcessTree {
        for (controller, value) in [(CgroupController.cpu, limits.cpu), (.pids, limits.pids.map(Double.init))] {
            if value != nil, let obstacle = obstacle(to: controller) {
                throw Failure(.notAllowed, "limits.\(controller.rawValue) can't be set: \(obstacle)")
            }
        }
        guard let root else { return tree(of: launch) }
        do throws(SystemError) {
            let cgroup = try root.make("\(launch)")
            let memory = obstacle(to: .memory) == nil ? limits.memory : nil
            if memory != nil || limits.cpu != nil || limits.pids != nil {
                try cgroup.limit(memory: memory, cpu: limits.cpu, pids: limits.pids)
            }
            return ProcessTree(launch: launch, cgroup: cgroup, keeper: keeper)
        } catch {
            throw Failure(.execFailed, "\(error)")
        }
    }

    /// The tree of a launch of this agent or of an earlier one.
    func tree(of launch: UInt64) -> ProcessTree {
        ProcessTree(launch: launch, cgroup: root.map { Cgroup("\(launch)", below: $0.path) }, keeper: keeper)
    }

    /// RLIMIT_DATA in bytes for each process, as a substitute where no cgroup can limit the memory of the whole tree;
    /// nil where one can.
    func dataSize(_ limits: ResourceLimits) -> UInt64? { obstacle(to: .memory) == nil ? nil : limits.memory }

    /// How this host enforces each limit of a config.
    var reports: [LimitReport] {
        let byRlimit = ["open_files", "core"].map { LimitReport(name: $0, mechanism: "rlimit") }
        return byRlimit
            + CgroupController.allCases.map { controller in
                guard let obstacle = obstacle(to: controller) else {
                    return LimitReport(name: controller.rawValue, mechanism: "cgroup")
                }
                guard controller != .memory else { return LimitReport(name: "memory", mechanism: "rlimit") }
                return LimitReport(name: controller.rawValue, reason: obstacle)
            }
    }

    /// Kills and removes the cgroups that belong to none of `launches`.
    func sweep(except launches: Set<UInt64>) {
        for launch in unknown(besides: launches).keys {
            let tree = tree(of: launch)
            tree.isAdopted = true
            tree.kill()
            tree.remove()
        }
    }

    /// Whether processes of unknown launches live. Without cgroups, they can be those of another agent whose keeper has died.
    func hasUnknownProcesses(besides launches: Set<UInt64>) -> Bool {
        guard root != nil else { return Mark.areLeft(besides: launches) }
        return unknown(besides: launches).values.contains { !$0.isEmpty }
    }

    private func unknown(besides launches: Set<UInt64>) -> [UInt64: Cgroup] {
        var found: [UInt64: Cgroup] = [:]
        for (name, cgroup) in root?.cgroups() ?? [:] {
            if let launch = UInt64(name), !launches.contains(launch) { found[launch] = cgroup }
        }
        return found
    }

    /// The launch that has the cgroup of a process.
    func launch(of pid: Int32) -> UInt64? { root?.name(of: pid).flatMap { UInt64($0) } }

    /// Removes the root cgroup when it is empty. Where the agent itself runs in a leaf of it, this fails, and the
    /// program that made the agent's cgroup (systemd) removes it.
    func clear() {
        guard let root else { return }
        _ = Cgroup(path: root.path).remove()
    }

    /// Why a resource can't be limited for a whole tree; nil when it can.
    func obstacle(to controller: CgroupController) -> String? {
        guard let root else { return reason }
        return root.obstacles[controller]
    }
}
