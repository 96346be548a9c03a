import Model
import Supervision
import Wire

/// `apply`: bringing the processes of this host to a given set of specs.
extension Supervisor {
    /// Starts processes that are missing, updates or restarts those with a changed spec, and removes those that are
    /// not in `specs`.
    ///
    /// - Parameters:
    ///   - specs: all with names; each comes after those that it depends on.
    ///   - scope: which processes may be changed; a spec with the name of another process is refused.
    ///   - isDryRun: whether only the result is computed.
    ///   - reply: called when all steps have ended.
    func apply(
        _ specs: [ProcessSpec], scope: ApplyScope, isDryRun: Bool = false, reply: @escaping (ApplyResult) -> Void
    ) {
        applyQueue.add(specs, scope) { [self] refusals in
            apply(specs, refusals, scope, ApplyOperation(isDryRun: isDryRun, reply: reply))
        }
    }

    private func apply(
        _ specs: [ProcessSpec], _ refusals: [Name: Failure], _ scope: ApplyScope, _ operation: ApplyOperation
    ) {
        var wanted: [Name: ProcessSpec] = [:]
        for spec in specs {
            guard let id = spec.name else { continue }
            if let refusal = refusals[id] {
                operation.refuse(id, refusal)
            } else if let objection = scope.objection(to: spec) ?? table.process(id).flatMap(scope.objection) {
                operation.refuse(id, objection)
            } else {
                wanted[id] = spec
            }
        }
        let plan = ApplyPlan(
            wanted: specs.filter { $0.name.map { wanted[$0] != nil } ?? false },
            present: present(scope, wanted).filter { refusals[$0.id] == nil })
        for id in plan.leave { operation.note(\.unchanged, id) }
        for id in plan.update { update(id, to: wanted[id], plan, operation) }
        for id in plan.remove { remove(id, operation) }
        let new = Set(plan.start)
        for id in plan.bring { bring(wanted[id], new.contains(id) ? \.started : \.reset, scope, operation) }
        operation.complete()
    }

    private func present(_ scope: ApplyScope, _ wanted: [Name: ProcessSpec]) -> [ApplyPlan.Present] {
        let own = table.all.filter { scope.objection(to: $0) == nil && (scope.prunes || wanted[$0.id] != nil) }
        return own.sorted { $0.id < $1.id }.map { process in
            let isUp = process.lifecycle.isLive && process.lifecycle.want == .up
            let hasCompleted = process.lifecycle.phase == .exited && process.lastEnd?.isCompletion == true
            return ApplyPlan.Present(id: process.id, spec: process.spec, isUp: isUp, hasCompleted: hasCompleted)
        }
    }

    private func update(_ id: Name, to spec: ProcessSpec?, _ plan: ApplyPlan, _ operation: ApplyOperation) {
        guard let spec, let process = table.process(id) else { return }
        // The specs of a request were checked when it was decoded; those of files may be wrong.
        let stranger = spec.prerequisites.first { table.process($0) == nil && !plan.start.contains($0) }
        if let stranger {
            operation.refuse(id, Failure(.noSuchProcess, "depends on \(stranger), which is unknown"))
        } else if plan.circular.contains(id) {
            operation.refuse(id, Failure(.invalidArgument, "depends on itself in a circle"))
        } else {
            operation.note(\.updated, id)
            if !operation.isDryRun { update(process, to: spec) }
        }
    }

    private func remove(_ id: Name, _ operation: ApplyOperation) {
        operation.begin(\.removed, id)
        guard !operation.isDryRun else { return operation.end() }
        end(id, operation) { [weak self] in
            guard let self, let process = table.process(id) else { return }
            forget(process)
            events.note(AgentEvent(.removed, .info, "\(id) was removed", of: id))
            operation.end()
        }
    }

    private func bring(
        _ spec: ProcessSpec?, _ list: WritableKeyPath<ApplyResult, [Name]>, _ scope: ApplyScope,
        _ operation: ApplyOperation
    ) {
        guard let spec, let id = spec.name else { return }
        operation.begin(list, id)
        guard !operation.isDryRun else { return operation.end() }
        // A process of `processes.d` stays one: the next look at its file puts it right.
        let origin = table.process(id)?.origin ?? scope.origin
        end(id, operation) { [weak self] in
            self?.start(spec, origin: origin) { outcome in
                if case .failed(let failure) = outcome { operation.fail(id, failure) }
                operation.end()
            }
        }
    }

    /// Stops a process, again if an earlier `apply` has started it in the meantime.
    private func end(_ id: Name, _ operation: ApplyOperation, then: @escaping () -> Void) {
        guard let process = table.process(id), process.lifecycle.isLive else { return then() }
        stop(.id(id)) { [weak self] outcome in
            guard case .failed(let failure) = outcome else { self?.end(id, operation, then: then); return }
            operation.fail(id, failure)
            operation.end()
        }
    }
}
