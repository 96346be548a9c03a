import Drivers
import Glibc
import LinuxSystem
import Model
import Supervision
import Wire

/// Carrying out what a process's machine decides.
extension Supervisor {
    func perform(_ event: ProcessMachine.Event, on process: ManagedProcess) {
        let before = process.machine
        let actions = process.machine.handle(event) { _ in .stays }
        let hasEnded = before.hasTree && !process.machine.hasTree
        if hasEnded { release(process) }
        for action in actions {
            switch action {
            case .spawn: spawn(process)
            case .terminate:
                process.handle?.signalGroup(SIGTERM)
                // Who is stopped hears no other signal.
                process.handle?.signalGroup(SIGCONT)
            case .kill: kill(process)
            case .awaitGrace: awaitDeadline(of: process, gracePeriod)
            case .awaitKill: awaitDeadline(of: process, Limits.killRecheck)
            case .cancelDeadline: loop.cancel(process.deadline)
            case .awaitDependencies, .awaitSchedule, .awaitBackoff, .awaitReady, .watchHealth, .ignoreHealth: break
            }
        }
        if process.machine != before, isKnown(process) {
            let hasFailed = process.machine.phase == .failed && process.machine.want == .up
            failedProcesses[process.id] = hasFailed ? process : nil
            changed(process.id)
        }
        if hasEnded, !process.machine.isLive { ended(process) }
    }

    private func spawn(_ process: ManagedProcess) {
        do throws(Failure) {
            guard let driver = drivers[process.spec.driver] else {
                throw Failure(.driverUnavailable, "no such driver: \(process.spec.driver)")
            }
            let plan = try driver.plan(process.spec)
            let handle = try launch(plan, process)
            table.started(process, pid: handle.pid)
            process.command = ShellWords.join(plan.arguments)
            process.handle = consume handle
            process.restarts += process.startedAt == nil ? 0 : 1
            process.startedAt = WallClock.now
            process.exitedAt = nil
            process.exit = nil
            process.failure = nil
            process.killChecks = 0
            perform(.spawned, on: process)
            answer(process.takeResetWaiters(), .reset(process.id, pid: process.pid ?? 0))
        } catch {
            process.failure = error
            perform(.spawnFailed, on: process)
            answer(process.takeResetWaiters(), .failed(error))
        }
    }

    private func launch(_ plan: LaunchPlan, _ process: ManagedProcess) throws(Failure) -> ProcessHandle {
        do throws(SpawnError) {
            // A number is given anew after a restart of the agent; what an earlier bearer wrote is not this one's.
            let isNew = process.spec.name == nil && process.startedAt == nil
            if let files = openLogs(process.id, isNew: isNew) {
                return try ProcessHandle.spawn(plan, input: null, output: files.output, error: files.error)
            }
            return try ProcessHandle.spawn(plan, input: null, output: null, error: null)
        } catch {
            throw Failure(.execFailed, error.reason)
        }
    }

    /// Nil when they can't be opened: a full disk must not keep anybody's service down.
    private func openLogs(_ id: Name, isNew: Bool) -> ProcessLogs.Files? {
        do {
            let files = try logs.open(id, isNew: isNew)
            logFailure = nil
            return files
        } catch {
            logFailure = error
            return nil
        }
    }

    private func kill(_ process: ManagedProcess) {
        process.handle?.signalGroup(SIGKILL)
        process.killChecks += 1
        if Double(process.killChecks) * Limits.killRecheck > Limits.killPatience {
            let failure = Failure(.timeout, "still there \(Int(Limits.killPatience)) s after SIGKILL")
            answer(process.takeStopWaiters(), .failed(failure))
            answer(process.takeResetWaiters(), .failed(failure))
            // Nothing can be done about it, and an agent told to end must end.
            if isShuttingDown { finish() }
        }
    }

    private func awaitDeadline(of process: ManagedProcess, _ seconds: Double) {
        loop.cancel(process.deadline)
        process.deadline = loop.after(.seconds(seconds)) { [weak self, weak process] in
            guard let self, let process else { return }
            // The last of the group may have been somebody else's child, whose end nobody tells us.
            let isGone = process.exit != nil && process.handle?.isGroupEmpty ?? true
            perform(isGone ? .treeEmptied : .deadlinePassed, on: process)
        }
    }

    /// All of the process is gone: so are its handle and its claim on the pid.
    private func release(_ process: ManagedProcess) {
        if let pid = process.pid { table.gone(pid) }
        process.handle = nil
        remnants.removeAll { $0 === process }
        answer(process.takeStopWaiters(), .stopped)
    }

    private func ended(_ process: ManagedProcess) {
        answer(process.takeResetWaiters(), .failed(Failure(.notAllowed, "stopped by another request")))
        if let oldest = table.ended(process) {
            logs.remove(oldest.id)
            failedProcesses[oldest.id] = nil
            forgotten(oldest.id)
        }
        finishIfAllGone()
    }

    private func answer(_ waiters: [Reply], _ outcome: Outcome) {
        for reply in waiters { reply(outcome) }
    }
}
