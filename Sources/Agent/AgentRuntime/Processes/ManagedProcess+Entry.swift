import LinuxSystem
import Model
import Supervision

extension ManagedProcess {
    /// - Parameters:
    ///   - unmet: what it waits for before it starts.
    ///   - checks: its health checks, while it runs.
    func entry(by clock: SystemClock, unmet: DependencyQueue.Unmet?, checks: HealthChecks?) -> ProcessEntry {
        func wallTime(_ seconds: Double?) -> Double? { seconds.map { clock.wallTime(at: $0).rounded(toPlaces: 3) } }
        let reason = isUp ? failure?.detail : trouble
        var entry = ProcessEntry(
            id: id, driver: spec.driver, state: lifecycle.state, want: lifecycle.want, command: command,
            pid: isUp ? launch.pid : nil, startedAt: wallTime(launch.startedAt), exitedAt: wallTime(launch.exitedAt),
            exit: launch.exit, restarts: restarts,
            uptime: isUp ? launch.startedAt.map { max(0, BootClock.now - $0).rounded(toPlaces: 3) } : nil,
            error: reason.map { $0 + (lastWords.map { ": \($0)" } ?? "") } ?? lastWords ?? unmet?.obstacle
                ?? checks?.ailment.map { "unhealthy: \($0)" })
        if spec.schedule != nil { entry.runs = runs }
        entry.owner = origin.owner
        entry.healthy = checks?.isHealthy
        entry.nextStart = timetable?.nextStart
        entry.leftBehind = launch.leftBehind
        entry.waitsFor = unmet?.dependencies ?? []
        if case .vm(let vm) = spec.invocation { entry.vm = vm }
        return entry
    }
}
