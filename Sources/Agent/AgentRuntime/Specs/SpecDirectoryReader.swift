import LinuxSystem
import Model
import ServiceSupport

/// Applies the host's own specs to the supervisor, at the start and at SIGHUP.
final class SpecDirectoryReader: HealthSource {
    private let directory: SpecDirectory
    private let supervisor: Supervisor
    private(set) var reasons: [String] = []
    private var applyChecks = 0

    init(_ directory: SpecDirectory, _ supervisor: Supervisor) {
        self.directory = directory
        self.supervisor = supervisor
    }

    /// Starts new processes, updates changed ones and removes those that are no longer in any file. If a file can't be
    /// read, nothing is removed: the missing processes may be in that file.
    ///
    /// - Parameter done: called when everything is applied, unless the files have been read again meanwhile.
    func apply(then done: @escaping () -> Void) {
        applyChecks += 1
        let number = applyChecks
        let contents = look()
        let scope = ApplyScope(part: .directory, prunes: contents.failures.isEmpty)
        supervisor.apply(contents.specs, scope: scope) { [weak self] difference in
            guard let self, number == applyChecks else { return }
            for refusal in difference.failed {
                reasons.append("process \(refusal.id) of \(directory.path): \(refusal.failure.detail)")
            }
            done()
        }
    }

    /// Reads the files and updates ``reasons``, without applying anything.
    @discardableResult
    func look() -> SpecDirectory.Contents {
        var contents = directory.read() ?? .init()
        // A missing directory may be an unmounted one: don't treat it as empty.
        if FileSystem.kind(of: directory.path) == nil, supervisor.processes.contains(where: { $0.origin == .directory })
        {
            contents.failures.append(("", "the directory does not exist; the processes that it defined keep running"))
        }
        reasons = contents.failures.map { "\(directory.path)/\($0.file) is not used: \($0.reason)" }
        for reason in reasons { Log.note(reason, .error) }
        return contents
    }
}
