package import LinuxSystem
package import Model

/// The file lookups of one launch, and the policy that applies to them.
///
/// A lookup may block, so planning never waits for one: it throws, and ``missing`` names the lookup. A thread answers
/// it, the caller passes the answer to ``learn(_:)`` and plans again. Each file is looked up once, so the file that was
/// checked is the file that is used.
package final class FileView {
    /// Nil if files are not checked against a policy.
    package let policy: Policy?
    private var answers: [FileQuery: FileAnswer] = [:]
    private var pinned: [String: FileIdentity] = [:]
    /// The lookup that planning needs next; nil if it needs none.
    package private(set) var missing: FileQuery?

    package init(under policy: Policy? = nil) { self.policy = policy }

    package func learn(_ answer: FileAnswer) {
        guard let missing else { return }
        answers[missing] = answer
        self.missing = nil
    }

    /// The file at a path, with symbolic links followed.
    ///
    /// - Throws: if the lookup is not answered yet: ``missing`` is then this lookup.
    func look(at path: String) throws(Failure) -> FileAnswer { try answer(to: .look(path)) }

    package func isDirectory(_ path: String) throws(Failure) -> Bool {
        guard case .sight(let sight) = try look(at: path) else { return false }
        return sight.kind == .directory
    }

    /// Makes later reads of this path fail with ESTALE unless they find the same file.
    func pin(_ sight: FileStatus) { pinned[sight.path] = sight.identity }

    func read(_ path: String, limit: Int) throws(Failure) -> FileAnswer {
        try answer(to: .read(path, pinned[path], limit: limit))
    }

    private func answer(to query: FileQuery) throws(Failure) -> FileAnswer {
        if let answer = answers[query] { return answer }
        guard let answer = query.answerAtOnce() else {
            missing = query
            throw Failure(.internal, "\(query.path) must be looked up first")
        }
        answers[query] = answer
        return answer
    }

    /// The error for a path that does not answer in time.
    package static func silence(of path: String) -> Failure {
        Failure(.timeout, "\(path): its file system does not answer within \(Int(Limits.filePatience)) s")
    }
}
