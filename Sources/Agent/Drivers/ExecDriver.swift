import Glibc
package import LinuxSystem
package import Model

/// Runs a program directly: no shell, nothing of the agent's own environment.
package struct ExecDriver: Driver {
    package let name = "exec"

    private let standard: Account?

    /// - Parameter standard: as whom a process runs that names nobody; nil is as this program.
    package init(as standard: Account?) { self.standard = standard }

    /// Executing programs is what every Linux can.
    package func fingerprint() -> DriverReport { DriverReport(name: name) }

    package func programName(of spec: ProcessSpec, seeing files: FileView) throws(Failure) -> String {
        // Beside a path that is a file, the command is only its arguments.
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
        // Who runs as this program's own user already need not become it, which only root may.
        plan.account = account.flatMap { $0.isOwn ? nil : $0 }
        plan.umask = spec.identity.umask
        plan.nice = spec.identity.nice
        plan.openFiles = spec.limits.openFiles
        plan.coreSize = spec.limits.core
        plan.forbidsNewPrivileges = geteuid() == 0 && !spec.mayGainPrivileges
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

    /// What a config's `path` is. Where paths are judged, nothing is told of one that is not there.
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

    /// A whole command line; a program without a slash is searched in PATH.
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

    /// A program by its path, and its arguments, before which the program may be named once more.
    private func plan(program: String, _ words: [String], _ environment: BaseEnvironment) -> LaunchPlan {
        let name = program.split(separator: "/").last.map(String.init) ?? program
        let repeatsProgram = words.first == program || words.first == name
        let directory = program.dropLast(name.count + 1)
        return LaunchPlan(
            executable: program, arguments: repeatsProgram ? words : [program] + words,
            environment: environment.assignments, directory: directory.isEmpty ? "/" : String(directory))
    }

    /// Of those that may not be run none is found, so that nobody learns that they are there.
    private static func resolve(
        _ program: String, _ environment: BaseEnvironment, _ files: FileView
    ) throws(Failure) -> String {
        // A path with a slash is the kernel's to resolve, from the working directory.
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
