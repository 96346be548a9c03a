import LinuxSystem
import Model

/// Brings this machine's own specs to the supervisor, at the start and whenever somebody asks.
final class SpecDirectoryReader: HealthSource {
    private let directory: SpecDirectory
    private let supervisor: Supervisor
    private(set) var reasons: [String] = []
    private var applyChecks = 0

    init(_ directory: SpecDirectory, _ supervisor: Supervisor) {
        self.directory = directory
        self.supervisor = supervisor
    }

    /// Starts what is new, starts anew what is different, and removes what is no longer there; with a file that can't be
    /// used, nothing is removed: it may have been its.
    ///
    /// - Parameter done: called when all of it is done, unless the files have been read again meanwhile.
    func apply(then done: @escaping () -> Void) {
        applyChecks += 1
        let number = applyChecks
        let contents = look()
        let scope: ApplyScope = contents.failures.isEmpty ? .directory : .directoryAdditions
        supervisor.apply(contents.specs, scope: scope) { [weak self] difference in
            guard let self, number == applyChecks else { return }
            for refusal in difference.failed {
                reasons.append("process \(refusal.id) of \(directory.path): \(refusal.failure.detail)")
            }
            done()
        }
    }

    /// Sees what there is and what can't be used of it, and changes nothing.
    @discardableResult
    func look() -> SpecDirectory.Contents {
        var contents = directory.read() ?? .init()
        // A directory that is not mounted is not an empty one.
        if FileSystem.kind(of: directory.path) == nil, supervisor.processes.contains(where: { $0.origin == .directory })
        {
            contents.failures.append(("", "there is no such directory, and processes that it held are left alone"))
        }
        reasons = contents.failures.map { "\(directory.path)/\($0.file) is not used: \($0.reason)" }
        for reason in reasons { Log.note(reason) }
        return contents
    }
}
