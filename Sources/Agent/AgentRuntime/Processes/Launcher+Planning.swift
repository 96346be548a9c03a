import Drivers
import LinuxSystem
import Model

/// What is found out of files before a launch, off the loop where that could block it.
extension Launcher {
    /// Refuses what the policy speaks against, before anything is begun, and finds out what a process is called after when
    /// nobody named it.
    ///
    /// - Parameter completion: may be called at once.
    func examine(
        _ spec: ProcessSpec, _ origin: ProcessOrigin, _ completion: @escaping (Result<String, Failure>) -> Void
    ) {
        see(under: policy(for: origin)) { [self] files throws(Failure) in
            if files.policy != nil { try check(spec, files) }
            guard spec.name == nil, let driver = drivers[spec.driver] else { return spec.driver }
            return try driver.programName(of: spec, seeing: files)
        } then: {
            completion($0)
        }
    }

    private func check(_ spec: ProcessSpec, _ files: FileView) throws(Failure) {
        var specs = [spec]
        if case .command(let words) = spec.healthCheck?.probe {
            specs.append(spec.executing(check: words, in: try workingDirectory(of: spec, files)))
        }
        for var spec in specs {
            do throws(Failure) {
                // An agent's launch is prepared by planning it.
                if spec.invocation.isAgent {
                    try files.policy?.admit(&spec, seeing: files)
                } else {
                    _ = try plan(&spec, Self.unnamed, files)
                }
            } catch {
                // Whatever else is wrong is a launch that fails.
                if error.code == .notAllowed || error.code == .timeout || files.missing != nil { throw error }
            }
        }
    }

    private static let unnamed = Name(sanitizing: "process", fallback: "process")

    func admit(_ spec: inout ProcessSpec, _ origin: ProcessOrigin) throws(Failure) {
        let files = FileView(under: policy(for: origin))
        try files.policy?.admit(&spec, seeing: files)
    }

    func plan(_ spec: inout ProcessSpec, _ id: Name, _ files: FileView) throws(Failure) -> LaunchPlan {
        guard let driver = drivers[spec.driver] else {
            throw Failure(.driverUnavailable, "no such driver: \(spec.driver)")
        }
        guard let policy = files.policy else { return try driver.plan(spec, as: id, seeing: files) }
        try policy.admit(&spec, seeing: files)
        var plan = try driver.plan(spec, as: id, seeing: files)
        if !spec.invocation.isAgent { try policy.admit(&plan, seeing: files) }
        return plan
    }

    /// What the checks of a process start in, too; nil where its `path` is no directory.
    func workingDirectory(of spec: ProcessSpec, _ files: FileView) throws(Failure) -> String? {
        guard case .command(_, let path?) = spec.invocation, try files.isDirectory(path) else { return nil }
        return path
    }

    /// What requests are judged by. This machine's own files are its configuration, too.
    func policy(for origin: ProcessOrigin) -> Policy? {
        guard let policy, policy.restricts, origin == .request else { return nil }
        return policy
    }

    // MARK: Off the loop

    /// Does `body`, again and again until all that it needs of files is known.
    ///
    /// - Parameter then: may be called at once.
    func see<Value>(
        under policy: Policy?, _ body: @escaping (FileView) throws(Failure) -> Value,
        then: @escaping (Result<Value, Failure>) -> Void
    ) {
        see(FileView(under: policy), body, then)
    }

    private func see<Value>(
        _ files: FileView, _ body: @escaping (FileView) throws(Failure) -> Value,
        _ then: @escaping (Result<Value, Failure>) -> Void
    ) {
        let result: Result<Value, Failure>
        do throws(Failure) { result = .success(try body(files)) } catch { result = .failure(error) }
        guard let query = files.missing else { return then(result) }
        ask(query) { [self] answer in
            guard let answer else { return then(.failure(Self.closed)) }
            files.learn(answer)
            see(files, body, then)
        }
    }

    /// - Parameter completion: gets nil when the launcher was closed meanwhile.
    private func ask(_ query: FileQuery, _ completion: @escaping (FileAnswer?) -> Void) {
        let looker = Looker(query)
        calls.make(
            BlockingCall(
                kind: Self.fileSystem(of: query.path) ?? query.path, work: { looker.look() },
                interrupt: { looker.interrupt() }
            ) { outcome in
                switch outcome {
                case .done: completion(looker.answer)
                case .hangs: completion(.unanswered)
                case .dropped: completion(nil)
                }
            })
    }

    /// What a start waits for: the file system of its program or its directory, else its user, who may have either lead
    /// somewhere else meanwhile.
    func kind(of plan: LaunchPlan) -> String {
        Self.fileSystem(of: plan.directory) ?? Self.fileSystem(of: plan.executable)
            ?? "user \(plan.account?.name ?? "")"
    }

    /// The part of a path that leads away from the root's file system; nil when none does.
    private static func fileSystem(of path: String) -> String? {
        guard path.hasPrefix("/"), path != "/", !FileQuery.isOnRoot(path) else { return nil }
        var part = ""
        for name in path.split(separator: "/") {
            part += "/\(name)"
            if !FileQuery.isOnRoot(part) { return part }
        }
        return path
    }

    /// One look at a file.
    private final class Looker {
        private let query: FileQuery
        private let child = SpawnProgress()
        private(set) var answer = FileAnswer.unanswered

        init(_ query: FileQuery) { self.query = query }

        func look() { answer = query.answer(by: child) }
        func interrupt() { child.kill() }
    }
}

extension ProcessSpec {
    /// The same with a command of its health check in the place of its own.
    func executing(check words: [String], in directory: String?) -> ProcessSpec {
        var spec = self
        spec.driver = Self.standardDriver
        spec.invocation = .command(words: words, path: directory)
        return spec
    }
}
