import Glibc
package import LinuxSystem
package import Model

extension Policy {
    /// Gives a spec the bounds that it has here, or says why it may not be carried out.
    package func admit(_ spec: inout ProcessSpec) throws(Failure) {
        if isClosed { throw Failure(.notAllowed, Self.advice) }
        if let drivers, !drivers.contains(spec.driver) {
            throw refusal("driver \(spec.driver)", "drivers", spec.driver)
        }
        for index in spec.environment.indices { try admit(&spec.environment[index]) }
        try bound(&spec)
    }

    /// What is executed is the file that was judged, whatever a symbolic link says later.
    package func admit(_ plan: inout LaunchPlan) throws(Failure) {
        let (user, group) = (plan.account?.user ?? geteuid(), plan.account?.group ?? getegid())
        if let users, !users.contains(user) { throw refusal("user \(user)", "users", "\(user)") }
        if let groups, !groups.contains(group) { throw refusal("group \(group)", "groups", "\(group)") }
        guard let programs else { return }
        let path = plan.executable.hasPrefix("/") ? plan.executable : "\(plan.directory)/\(plan.executable)"
        let resolved = try resolve(path)
        guard programs.contains(where: { $0.matches(resolved) }) else { throw refusal(resolved, "allow", resolved) }
        plan.executable = resolved
    }

    private func admit(_ variable: inout EnvironmentVariable) throws(Failure) {
        if let variables, !variables.contains(where: { $0.matches(variable.name) }) {
            throw refusal("env.\(variable.name)", "environment", variable.name)
        }
        guard case .file(let path) = variable.value, let files else { return }
        let resolved = try resolve(path)
        guard files.contains(where: { $0.matches(resolved) }) else {
            throw refusal("env.\(variable.name) from \(path)", "environment_files", resolved)
        }
        variable = EnvironmentVariable(name: variable.name, value: .file(resolved))
    }

    /// As root one may be kept out where others are not: what can't be judged is not allowed.
    private func resolve(_ path: String) throws(Failure) -> String {
        guard let resolved = FileSystem.resolved(path) else {
            throw Failure(.notAllowed, "\(path) can't be resolved, so it can't be checked against the policy")
        }
        return resolved
    }

    private func bound(_ spec: inout ProcessSpec) throws(Failure) {
        var wanted = spec.limits
        if case .machine(let machine) = spec.invocation {
            (wanted.memory, wanted.cpu) = (UInt64(machine.memory) << 20, Double(machine.cpus))
        }
        wanted.openFiles = try within(limits.openFiles, wanted.openFiles, "open_files")
        wanted.core = try within(limits.core, wanted.core, "core")
        wanted.memory = try within(limits.memory, wanted.memory, "memory")
        wanted.cpu = try within(limits.cpu, wanted.cpu, "cpu")
        wanted.pids = try within(limits.pids, wanted.pids, "pids")
        // What an agent runs has these bounds one by one, and not in all.
        if !spec.invocation.isAgent { spec.limits = wanted }
    }

    private func within<Amount: Comparable>(
        _ most: Amount?, _ wanted: Amount?, _ name: String
    ) throws(Failure) -> Amount? {
        guard let most, let wanted else { return wanted ?? most }
        guard wanted <= most else {
            throw Failure(.notAllowed, "limits.\(name) may be \(most) at most here (policy.limits)")
        }
        return wanted
    }

    // MARK: Words

    private func refusal(_ what: String, _ list: String, _ entry: String) -> Failure {
        Failure(
            .notAllowed,
            "\(what) is not allowed here; who configures this agent may write \"policy\": {\"\(list)\": [\"\(entry)\"]}"
        )
    }

    /// What to write where nothing may be run.
    package static let advice =
        "this agent runs nothing until its configuration allows it: \"policy\": {\"allow\": [\"/usr/bin/*\"]}"
}
