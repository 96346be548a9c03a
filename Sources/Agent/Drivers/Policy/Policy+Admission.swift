package import LinuxSystem
package import Model

extension Policy {
    /// Checks a spec and adds the policy's limits to it.
    ///
    /// - Throws: `not_allowed`, with the policy entry that would allow it.
    package func admit(_ spec: inout ProcessSpec, seeing files: FileView) throws(Failure) {
        if isClosed { throw Failure(.notAllowed, Self.advice) }
        if let drivers, !drivers.contains(spec.driver) {
            throw refusal("driver \(spec.driver)", "drivers", spec.driver)
        }
        if spec.mayGainPrivileges, !allowsNewPrivileges {
            throw refusal("new_privileges", #""policy": {"new_privileges": true}"#)
        }
        try admit(spec.identity)
        for index in spec.environment.indices { try admit(&spec.environment[index], files) }
        try bound(&spec)
    }

    /// Checks the names of user and group before the driver looks them up: a refusal does not tell which ones exist.
    private func admit(_ identity: Identity) throws(Failure) {
        if let users, let name = identity.user {
            let account = try? Account.find(user: name, group: nil)
            guard let account, users.contains(account.user) else { throw refusal("user \(name)", "users", name) }
        }
        if let groups, let name = identity.group {
            let account = try? Account.find(user: nil, group: name)
            guard let account, groups.contains(account.group) else { throw refusal("group \(name)", "groups", name) }
        }
    }

    /// Checks account and program of a launch plan, and pins the program: the file that was checked is the one that is
    /// executed, even if a symbolic link changes later.
    package func admit(_ plan: inout LaunchPlan, seeing files: FileView) throws(Failure) {
        let (user, group) = (plan.account?.user ?? User.number, plan.account?.group ?? User.group)
        if let users, !users.contains(user) { throw refusal("user \(user)", "users", "\(user)") }
        if let groups, !groups.contains(group) { throw refusal("group \(group)", "groups", "\(group)") }
        guard let refusal = refusal(ofProgram: plan.executable) else { return }
        let path = plan.executable.hasPrefix("/") ? plan.executable : "\(plan.directory)/\(plan.executable)"
        switch try files.look(at: path) {
        case .sight(let sight) where allows(program: sight):
            plan.executable = sight.path
            plan.judgedProgram = sight
        case .unanswered where names(path): throw FileView.silence(of: path)
        // Even root may be unable to look at a file that other users can reach: what can't be checked is refused.
        case .sight, .error, .unanswered, .bytes: throw refusal
        }
    }

    private func admit(_ variable: inout EnvironmentVariable, _ seen: FileView) throws(Failure) {
        if let variables, !variables.contains(where: { $0.matches(variable.name) }) {
            throw refusal("env.\(variable.name)", "environment", variable.name)
        }
        guard case .file(let path) = variable.value, let files else { return }
        switch try seen.look(at: path) {
        case .sight(let sight) where files.contains(where: { $0.matches(sight.path) }):
            seen.pin(sight)
            variable = EnvironmentVariable(name: variable.name, value: .file(sight.path))
        case .unanswered where files.contains(where: { $0.matches(path) }): throw FileView.silence(of: path)
        case .sight, .error, .unanswered, .bytes:
            throw absence("env.\(variable.name) from \(path)", #""policy": {"environment_files": ["\#(path)"]}"#)
        }
    }

    // MARK: Paths

    func allows(program sight: FileStatus) -> Bool { programs.map { sight.matches($0) } ?? true }

    /// - Returns: the identity that the directory must still have at the launch; nil if directories are not restricted.
    func judge(directory sight: FileStatus, calledBy path: String) throws(Failure) -> FileIdentity? {
        guard let directories else { return nil }
        guard sight.matches(directories) else { throw refusal(ofPath: path) ?? Failure(.notAllowed, path) }
        return sight.identity
    }

    /// Whether a path matches an allowed pattern by its text alone, without a lookup.
    func names(_ path: String) -> Bool {
        !path.split(separator: "/").contains("..")
            && ((programs ?? []) + (directories ?? [])).contains { $0.matches(path) }
    }

    /// The refusal of a config's `path`. It is the same for a path that is not allowed, that does not exist and that
    /// can't be entered, so that it does not reveal which paths exist. Nil if neither programs nor directories are
    /// restricted.
    package func refusal(ofPath path: String) -> Failure? {
        guard programs != nil || directories != nil else { return nil }
        let lists = directories == nil ? #""allow": ["\#(path)"]"# : #""allow" or "directories": ["\#(path)"]"#
        return absence(path, #""policy": {\#(lists)}"#)
    }

    /// The same for a program; nil if programs are not restricted.
    func refusal(ofProgram program: String) -> Failure? {
        guard programs != nil else { return nil }
        return program.hasPrefix("/")
            ? refusal(ofPath: program)
            : absence(program, #""policy": {"allow": ["/path/of/\#(program)"]}"#)
    }

    private func bound(_ spec: inout ProcessSpec) throws(Failure) {
        var wanted = spec.limits
        if case .vm(let vm) = spec.invocation {
            (wanted.memory, wanted.cpu) = (UInt64(vm.memory) << 20, Double(vm.cpus))
        }
        wanted.openFiles = try within(limits.openFiles, wanted.openFiles, "open_files")
        wanted.core = try within(limits.core, wanted.core, "core")
        wanted.memory = try within(limits.memory, wanted.memory, "memory")
        wanted.cpu = try within(limits.cpu, wanted.cpu, "cpu")
        wanted.pids = try within(limits.pids, wanted.pids, "pids")
        // In nodes and VMs the limits apply to each process, by the inherited policy, and not to the whole instance.
        if !spec.invocation.isAgent { spec.limits = wanted }
    }

    private func within<Amount: Comparable>(
        _ most: Amount?, _ wanted: Amount?, _ name: String
    ) throws(Failure) -> Amount? {
        guard let most, let wanted else { return wanted ?? most }
        guard wanted <= most else {
            throw Failure(.notAllowed, "limits.\(name) must be at most \(most) (policy.limits)")
        }
        return wanted
    }

    // MARK: Error texts

    private func refusal(_ what: String, _ list: String, _ entry: String) -> Failure {
        refusal(what, #""policy": {"\#(list)": ["\#(entry)"]}"#)
    }

    private func refusal(_ what: String, _ entry: String) -> Failure {
        Failure(.notAllowed, "\(what) is not allowed by this agent's policy; to allow it, configure \(entry)")
    }

    private func absence(_ what: String, _ entry: String) -> Failure {
        Failure(
            .notAllowed,
            "\(what) is not allowed by this agent's policy, or does not exist; to allow it, configure \(entry),"
                + " with paths without symbolic links")
    }

    /// The refusal if the policy allows nothing.
    package static let advice =
        "this agent runs nothing until its configuration allows it: \"policy\": {\"allow\": [\"/usr/bin/*\"]}"
}

extension FileStatus {
    /// Whether its path without symbolic links matches one of the patterns.
    fileprivate func matches(_ patterns: [PathPattern]) -> Bool { patterns.contains { $0.matches(path) } }
}
