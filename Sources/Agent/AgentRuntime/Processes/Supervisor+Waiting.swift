import LinuxSystem
import Model
import Supervision
import Wire

/// Waiting for dependencies and for readiness, and health checks.
extension Supervisor {
    /// Starts the waiting processes that have all dependencies met, and publishes what the others wait for.
    func startWaiting() {
        for process in waiting.takeReady(by: standing) { perform(.dependenciesReady, on: process) }
        waiting.review(by: standing) { process, newObstacle in
            changed(process.id)
            guard let newObstacle else { return }
            // Also the answer to the requests that wait for its start; the process itself keeps waiting.
            answer(process, .start, .failed(Failure(.notAllowed, newObstacle)))
            answer(process, .reset, .failed(Failure(.notAllowed, newObstacle)))
        }
    }

    func standing(of dependency: Dependency) -> DependencyStanding {
        guard let other = table.process(dependency.id) else { return .blocked("is unknown") }
        return DependencyStanding(dependency.condition, other.lifecycle, other.lastEnd)
    }

    /// Calls ``startWaiting()`` after the present call, because the lifecycle may have more actions to be carried out
    /// first.
    func startWaitingSoon() {
        if !waiting.isEmpty { waitingLook.request { [weak self] in self?.startWaiting() } }
    }

    /// - Returns: false when readiness can't be seen, because the process has closed `ready.fd`.
    @discardableResult
    func watchReadiness(of process: ManagedProcess, _ rules: ReadyRules) -> Bool {
        process.run?.watchReadiness(rules, on: loop) { [weak self, weak process] in
            if let process { self?.perform(.ready, on: process) }
        } ?? false
    }

    func awaitReady(_ process: ManagedProcess) {
        process.run?.readiness?.begin()
        awaitDeadline(of: process, process.spec.ready?.timeout ?? 0)
    }

    func watchHealth(_ process: ManagedProcess) {
        process.run?.endReadiness()
        guard let rules = process.spec.healthCheck else { return }
        checks.begin(process, rules) { [weak self, weak process] in
            guard let self, let process, let isHealthy = checks[process.id]?.isHealthy else { return }
            health.note(healthOf: process.id, isFailing: !isHealthy)
            changed(process.id)
            if !isHealthy { perform(.unhealthy, on: process) }
        }
    }

    func ignoreHealth(of process: ManagedProcess) {
        checks.end(process.id)
        health.note(healthOf: process.id, isFailing: false)
    }
}
