import LinuxSystem
import Model
import Supervision
import Wire

/// Bringing the processes of this host to what somebody wants, all at once.
extension Supervisor {
    /// Starts what is missing, starts anew what is to be different, and removes what is too much.
    ///
    /// - Parameters:
    ///   - specs: named, each behind those that it depends on.
    ///   - scope: whose processes it is about; a name of another's is refused.
    ///   - reply: called when all of it is done.
    func apply(
        _ specs: [ProcessSpec], scope: ApplyScope, isDryRun: Bool = false, reply: @escaping (Difference) -> Void
    ) {
        let application = Application(isDryRun: isDryRun, reply: reply)
        let wanted = Set(specs.compactMap(\.name))
        for process in processes.sorted(by: { $0.id < $1.id }) where !wanted.contains(process.id) {
            if scope.removes(process.origin) { remove(process, application) }
        }
        for spec in specs { bring(spec, scope, application) }
        application.isComplete = true
    }

    private func remove(_ process: ManagedProcess, _ application: Application) {
        application.begin(\.removed, process.id)
        guard !application.isDryRun else { return application.end() }
        guard process.machine.isLive else {
            forget(process)
            return application.end()
        }
        stop(.id(process.id)) { [weak self] outcome in
            if case .failed(let failure) = outcome {
                application.fail(process.id, failure)
            } else if let self, isKnown(process), !process.machine.isLive {
                forget(process)
            }
            application.end()
        }
    }

    private func bring(_ spec: ProcessSpec, _ scope: ApplyScope, _ application: Application) {
        guard let id = spec.name else { return }
        guard let present = table.byID[id] else {
            application.begin(\.started, id)
            return application.isDryRun ? application.end() : start(spec, scope, application)
        }
        guard scope.includes(present.origin) else {
            return application.refuse(id, Failure(.nameInUse, "\(id) was started by a request"))
        }
        let isRight = present.spec == spec && present.machine.isLive && present.machine.want == .up
        guard !isRight else { return application.note(\.unchanged, id) }
        guard present.machine.isLive else {
            application.begin(\.started, id)
            return application.isDryRun ? application.end() : start(spec, scope, application)
        }
        application.begin(\.reset, id)
        guard !application.isDryRun else { return application.end() }
        stop(.id(id)) { [weak self] outcome in
            if case .failed(let failure) = outcome {
                application.fail(id, failure)
                application.end()
            } else {
                self?.start(spec, scope, application)
            }
        }
    }

    private func start(_ spec: ProcessSpec, _ scope: ApplyScope, _ application: Application) {
        start(spec, origin: scope.origin) { outcome in
            if case .failed(let failure) = outcome, let id = spec.name { application.fail(id, failure) }
            application.end()
        }
    }
}
