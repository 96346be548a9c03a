package import LinuxSystem
package import Model

/// The driver `exec`: runs a program directly, without a shell and without the agent's own environment.
package struct ExecDriver: Driver {
    package let name = "exec"

    private let standard: Account?

    /// - Parameter standard: the account of processes with none in their spec; nil is the agent's own.
    package init(as standard: Account?) { self.standard = standard }

    package func fingerprint() -> DriverReport {
        guard let standard, !User.mayChange else { return DriverReport(name: name) }
        return DriverReport(
            name: name,
            reason: "root lacks CAP_SETUID or CAP_SETGID, so it can't run programs as \(standard.name): "
                + "add both to the container, or set run_as to root")
    }

    package func programName(of spec: ProcessSpec, seeing files: FileView) throws(Failure) -> String {
        // If the config's `path` is a file, the words of the command are only its arguments.
        guard case .command(_, let path?) = spec.invocation else { return spec.invocation.programName }
        switch try files.look(at: path) {
        case .sight(let sight) where sight.kind != .directory: break
        case .sight, .error, .bytes: return spec.invocation.programName
        case .unanswered: throw FileView.silence(of: path)
        }
        return path.split(separator: "/").last.map(String.init) ?? ""
    }

    package func plan(_ spec: ProcessSpec, as id: Name, seeing files: FileView) throws(Failure) -> LaunchPlan {
        let account = try Account.wanted(by: spec.identity, else: standard)
        let environment = try BaseEnvironment.merged(with: spec.environment, account: account, seeing: files)
        var plan = try plan(spec.invocation, environment, files)
        // No account if it is the agent's own: changing to it needs root and is not needed.
        plan.account = account.flatMap { $0.isOwn ? nil : $0 }
        plan.umask = spec.identity.umask
        plan.nice = spec.identity.nice
        plan.oomScore = spec.identity.oomScore ?? plan.oomScore
        plan.openFiles = spec.limits.openFiles
        plan.coreSize = spec.limits.core
        plan.forbidsNewPrivileges = User.isRoot && !spec.mayGainPrivileges
        return plan
    }

    private func plan(
        _ invocation: ProcessSpec.Invocation, _ environment: BaseEnvironment, _ files: FileView
    ) throws(Failure) -> LaunchPlan {
        switch invocation {
        case .program(let path, let arguments):
            return LaunchPlan(
                executable: path, arguments: [path] + arguments, environment: environment.assignments, directory: "/")
        case .command(let words, nil): return try plan(words, in: "/", environment, files)
        case .command(let words, let path?):
            let sight = try sight(of: path, files)
            guard sight.kind == .directory else { return plan(program: path, words, environment) }
            var plan = try plan(words, in: path, environment, files)
            plan.judgedDirectory = try files.policy?.judge(directory: sight, calledBy: path)
            return plan
        case .node, .vm: throw Failure(.invalidArgument, "\(name) executes programs only")
        }
    }

    /// Looks up a config's `path`. Under a policy that restricts paths, the error does not reveal whether it exists.
    private func sight(of path: String, _ files: FileView) throws(Failure) -> FileStatus {
        switch try files.look(at: path) {
        case .sight(let sight): return sight
        case .error(let number):
            if let refusal = files.policy?.refusal(ofPath: path) { throw refusal }
            throw Failure(.execFailed, "\(path): \(SystemError.reason(number))")
        case .unanswered, .bytes:
            if let policy = files.policy, !policy.names(path), let refusal = policy.refusal(ofPath: path) {
                throw refusal
            }
            throw FileView.silence(of: path)
        }
    }

    /// The plan for a full command line. A program without a slash is searched in PATH.
    private func plan(
        _ words: [String], in directory: String, _ environment: BaseEnvironment, _ files: FileView
    ) throws(Failure) -> LaunchPlan {
        guard let program = words.first, !program.isEmpty else {
            throw Failure(.missingArgument, "missing config.command")
        }
        return LaunchPlan(
            executable: try Self.resolve(program, environment, files), arguments: words,
            environment: environment.assignments, directory: directory)
    }

    /// The plan for a program with a path. The first word may repeat the program, as argv[0].
    private func plan(program: String, _ words: [String], _ environment: BaseEnvironment) -> LaunchPlan {
        let name = program.split(separator: "/").last.map(String.init) ?? program
        let repeatsProgram = words.first == program || words.first == name
        let directory = program.dropLast(name.count + 1)
        return LaunchPlan(
            executable: program, arguments: repeatsProgram ? words : [program] + words,
            environment: environment.assignments, directory: directory.isEmpty ? "/" : String(directory))
    }

    /// Searches a program in PATH. A program that the policy forbids is treated as absent, so that a refusal does not
    /// reveal whether it exists.
    private static func resolve(
        _ program: String, _ environment: BaseEnvironment, _ files: FileView
    ) throws(Failure) -> String {
        // The kernel resolves a path with a slash, from the working directory.
        if program.contains("/") { return program }
        for directory in environment.path.split(separator: ":") where directory.hasPrefix("/") {
            let candidate = "\(directory)/\(program)"
            switch try files.look(at: candidate) {
            case .sight(let sight) where sight.isExecutable && files.policy?.allows(program: sight) ?? true:
                return candidate
            case .unanswered: throw FileView.silence(of: candidate)
            case .sight, .error, .bytes: continue
            }
        }
        if let refusal = files.policy?.refusal(ofProgram: program) { throw refusal }
        throw Failure(.execFailed, "\(program): no such file or directory")
    }
}
