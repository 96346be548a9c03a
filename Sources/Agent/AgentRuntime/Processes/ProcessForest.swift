import Glibc
import LinuxSystem
import Model

/// Where the trees of processes grow: each launch in a cgroup of its own where the machine lets us, else marked.
struct ProcessForest {
    let keeper = KeeperChildren()
    private let root: CgroupRoot?
    /// Why there are no cgroups.
    private let reason: String

    /// - Parameters:
    ///   - name: no other agent's on this machine, and the same after a restart.
    ///   - holder: the pid of the holder of pipes, which belongs to the agent.
    init(name: String, holder: Int32?) {
        do throws(SystemError) {
            root = try CgroupRoot(name: name, agents: Set([getpid(), getppid()] + [holder].compactMap(\.self)))
            reason = ""
        } catch {
            root = nil
            reason = "no cgroup v2 here: \(error)"
        }
        restoreLimits()
    }

    /// What an agent before this one has launched has no limits any more when systemd had to start this one beside it.
    private func restoreLimits() {
        for cgroup in (root?.cgroups() ?? [:]).values {
            do throws(SystemError) { try cgroup.restoreLimits() } catch {
                Log.note("limits are not set again: \(error)")
            }
        }
    }

    /// Makes room for a launch.
    ///
    /// - Throws: when it shall have limits that can't be set here: it does not run without them.
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

    /// The tree of a launch, this agent's or an earlier one's.
    func tree(of launch: UInt64) -> ProcessTree {
        ProcessTree(launch: launch, cgroup: root.map { Cgroup("\(launch)", below: $0.path) }, keeper: keeper)
    }

    /// Bytes of data that each process may have where a cgroup can't bound the memory of all together.
    func dataSize(_ limits: ResourceLimits) -> UInt64? { obstacle(to: .memory) == nil ? nil : limits.memory }

    /// What the limits of a config do here.
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

    /// Removes the cgroups that no launch of `launches` has.
    func sweep(except launches: Set<UInt64>) {
        for launch in unknown(besides: launches).keys {
            let tree = tree(of: launch)
            tree.isAdopted = true
            tree.kill()
            tree.remove()
        }
    }

    /// Whether processes live here that none of `launches` has.
    func hasStrangers(besides launches: Set<UInt64>) -> Bool {
        unknown(besides: launches).values.contains { !$0.isEmpty }
    }

    private func unknown(besides launches: Set<UInt64>) -> [UInt64: Cgroup] {
        var found: [UInt64: Cgroup] = [:]
        for (name, cgroup) in root?.cgroups() ?? [:] {
            if let launch = UInt64(name), !launches.contains(launch) { found[launch] = cgroup }
        }
        return found
    }

    /// The launch in whose cgroup a process is.
    func launch(of pid: Int32) -> UInt64? { root?.name(of: pid).flatMap { UInt64($0) } }

    /// Takes itself away once nothing grows here any more. Where the agent itself is in a leaf of it, who gave it that
    /// control group takes it back.
    func clear() {
        guard let root else { return }
        _ = Cgroup(path: root.path).remove()
    }

    /// Why something can't be bounded for all of a process together.
    func obstacle(to controller: CgroupController) -> String? {
        guard let root else { return reason }
        return root.obstacles[controller]
    }
}
