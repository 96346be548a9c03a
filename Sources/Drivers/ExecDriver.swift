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

    package func programName(of spec: ProcessSpec) -> String {
        // Beside a path that is a file, the command is only its arguments.
        guard case .command(_, let path?) = spec.invocation, FileSystem.kind(of: path) == .other else {
            return spec.invocation.programName
        }
        return path.split(separator: "/").last.map(String.init) ?? ""
    }

    package func plan(_ spec: ProcessSpec, as id: Name) throws(Failure) -> LaunchPlan {
        let account = try Account.wanted(by: spec.identity, else: standard)
        let environment = try BaseEnvironment.merged(with: spec.environment, account: account)
        var plan = try plan(spec.invocation, environment)
        // Who runs as this program's own user already need not become it, which only root may.
        plan.account = account.flatMap { $0.isOwn ? nil : $0 }
        plan.umask = spec.identity.umask
        plan.nice = spec.identity.nice
        plan.openFiles = spec.limits.openFiles
        plan.coreSize = spec.limits.core
        return plan
    }

    private func plan(
        _ invocation: ProcessSpec.Invocation, _ environment: BaseEnvironment
    ) throws(Failure) -> LaunchPlan {
        switch invocation {
        case .program(let path, let arguments):
            return LaunchPlan(
                executable: path, arguments: [path] + arguments, environment: environment.assignments, directory: "/")
        case .command(let words, nil):
            return try plan(words, in: "/", environment)
        case .command(let words, let path?):
            switch FileSystem.kind(of: path) {
            case .directory: return try plan(words, in: path, environment)
            case .other: return plan(program: path, words, environment)
            case nil: throw Failure(.execFailed, "\(path): no such file or directory")
            }
        case .node, .machine: throw Failure(.invalidArgument, "\(name) executes programs only")
        }
    }

    /// A whole command line; a program without a slash is searched in PATH.
    private func plan(
        _ words: [String], in directory: String, _ environment: BaseEnvironment
    ) throws(Failure) -> LaunchPlan {
        guard let program = words.first, !program.isEmpty else {
            throw Failure(.missingArgument, "missing config.command")
        }
        return LaunchPlan(
            executable: try Self.resolve(program, environment), arguments: words, environment: environment.assignments,
            directory: directory)
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

    private static func resolve(_ program: String, _ environment: BaseEnvironment) throws(Failure) -> String {
        // A path with a slash is the kernel's to resolve, from the working directory.
        if program.contains("/") { return program }
        for directory in environment.path.split(separator: ":") where directory.hasPrefix("/") {
            let candidate = "\(directory)/\(program)"
            if FileSystem.isExecutable(candidate) { return candidate }
        }
        throw Failure(.execFailed, "\(program): no such file or directory")
    }
}
