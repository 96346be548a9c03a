import LinuxSystem
import Model

/// Brings this machine's own specs to the supervisor, at the start and whenever somebody asks.
final class SpecDirectoryReader: TroubleTeller {
    private let directory: SpecDirectory
    private let supervisor: Supervisor
    private(set) var reasons: [String] = []

    init(_ directory: SpecDirectory, _ supervisor: Supervisor) {
        self.directory = directory
        self.supervisor = supervisor
    }

    /// Starts what is new, starts anew what is different, and removes what is no longer there; with a file that can't be
    /// used, nothing is removed: it may have been its.
    func apply() {
        let contents = directory.read() ?? .init()
        reasons = contents.failures.map { "\(directory.path)/\($0.file) is not used: \($0.reason)" }
        for reason in reasons { Log.note(reason) }
        let scope: ApplyScope = contents.failures.isEmpty ? .directory : .directoryAdditions
        supervisor.apply(contents.specs, scope: scope) { [weak self] difference in
            guard let self else { return }
            for refusal in difference.failed {
                reasons.append("process \(refusal.id) of \(directory.path): \(refusal.failure.detail)")
            }
        }
    }
}
