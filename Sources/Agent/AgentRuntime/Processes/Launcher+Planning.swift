import Drivers
import LinuxSystem
import Model

/// Planning a launch: driver, policy, and the files that both look at. Threads look at files that could block.
extension Launcher {
    /// Checks a spec against the policy before anything is started for it.
    ///
    /// - Parameter completion: gets the program's name, from which the id of an unnamed process is made; may be called
    ///   before this returns.
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
                _ = try plan(&spec, Self.unnamed, files)
            } catch {
                // Other errors are reported by the launch itself.
                if error.code == .notAllowed || error.code == .timeout || files.missing != nil { throw error }
            }
        }
    }

    private static let unnamed = Name(sanitizing: "process", fallback: "process")

    /// Has the driver get ready what the launch of a node or a VM needs, unless the policy refuses that.
    func prepare(_ process: ManagedProcess) throws(Failure) {
        guard process.spec.invocation.isAgent, let driver = drivers[process.spec.driver] else { return }
        var spec = process.spec
        try admit(&spec, process.origin)
        try driver.prepare(spec, as: process.id)
    }

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

    /// The working directory, which the health checks of a process share; nil when its `path` is no directory.
    func workingDirectory(of spec: ProcessSpec, _ files: FileView) throws(Failure) -> String? {
        guard case .command(_, let path?) = spec.invocation, try files.isDirectory(path) else { return nil }
        return path
    }

    /// The policy for specs of `origin`; nil when nothing is restricted. Files in `processes.d` are configuration of
    /// this host, as the policy is, and so are not restricted.
    func policy(for origin: ProcessOrigin) -> Policy? {
        guard let policy, policy.restricts, origin != .directory else { return nil }
        return policy
    }

    // MARK: Off the loop

    /// Calls `body` repeatedly, until it finds in its view all that it needs to know of files.
    ///
    /// - Parameter then: may be called before this returns.
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

    /// - Parameter completion: gets nil when the launcher was closed in the meantime.
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

    /// The ``BlockingCall/kind`` of a start: the file system of its directory or its program, else its user, because a
    /// user may replace either by a link to another file system in the meantime.
    func kind(of plan: LaunchPlan) -> String {
        Self.fileSystem(of: plan.directory) ?? Self.fileSystem(of: plan.executable)
            ?? "user \(plan.account?.name ?? "")"
    }

    /// The shortest prefix of a path that is not on the root's file system; nil when there is none.
    private static func fileSystem(of path: String) -> String? {
        guard path.hasPrefix("/"), path != "/", !FileQuery.isOnRoot(path) else { return nil }
        var part = ""
        for name in path.split(separator: "/") {
            part += "/\(name)"
            if !FileQuery.isOnRoot(part) { return part }
        }
        return path
    }

    /// One query of a file, made by a thread.
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
    /// The same spec with the command of its health check instead of its own.
    func executing(check words: [String], in directory: String?) -> ProcessSpec {
        var spec = self
        spec.driver = Self.standardDriver
        spec.invocation = .command(words: words, path: directory)
        return spec
    }
}
