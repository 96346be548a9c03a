package import LinuxSystem
package import Model

/// What is known of files while a launch is planned, and the policy that they are judged by.
///
/// A plan that needs to know more is not made: what it needs is asked where that can block nobody, and the plan begins anew.
/// So it sees each file once, and what was judged is what is used.
package final class FileView {
    /// Nil where nothing is judged.
    package let policy: Policy?
    private var answers: [FileQuery: FileAnswer] = [:]
    private var pinned: [String: FileIdentity] = [:]
    /// What must be found out before there can be a plan.
    package private(set) var missing: FileQuery?

    package init(under policy: Policy? = nil) { self.policy = policy }

    package func learn(_ answer: FileAnswer) {
        guard let missing else { return }
        answers[missing] = answer
        self.missing = nil
    }

    /// What stands at a path, symbolic links followed.
    ///
    /// - Throws: when it must be found out first: then ``missing`` says what.
    func look(at path: String) throws(Failure) -> FileAnswer { try answer(to: .look(path)) }

    package func isDirectory(_ path: String) throws(Failure) -> Bool {
        guard case .sight(let sight) = try look(at: path) else { return false }
        return sight.kind == .directory
    }

    /// Has what is read at its path be this file and no other.
    func pin(_ sight: FileStatus) { pinned[sight.path] = sight.identity }

    func read(_ path: String, limit: Int) throws(Failure) -> FileAnswer {
        try answer(to: .read(path, pinned[path], limit: limit))
    }

    private func answer(to query: FileQuery) throws(Failure) -> FileAnswer {
        if let answer = answers[query] { return answer }
        guard let answer = query.answerAtOnce() else {
            missing = query
            throw Failure(.internal, "\(query.path) must be looked at first")
        }
        answers[query] = answer
        return answer
    }

    /// What it means that a path does not answer.
    package static func silence(of path: String) -> Failure {
        Failure(.timeout, "\(path): its file system does not answer within \(Int(Limits.filePatience)) s")
    }
}
