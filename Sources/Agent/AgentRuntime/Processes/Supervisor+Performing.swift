import JSONCodec
import LinuxSystem
import Logs
import Model
import ServiceSupport
import Supervision
import Wire

/// Carrying out the actions of a process's lifecycle.
extension Supervisor {
    /// Passes an event to the lifecycle, carries out its actions, and then journals, answers and publishes the change.
    func perform(_ event: ProcessLifecycle.Event, on process: ManagedProcess) {
        let before = process.lifecycle
        let (actions, news) = process.advance(by: event, before.runEnd(at: event).map { end(of: process, $0) })
        if !news.isEmpty { stateStore.note(process.id, news) }
        if let kind = before.runEnd(at: event), kind == .notReady || kind == .unhealthy {
            events.note(AgentEvent(.unhealthy, .warning, "\(process.id) is \(end(of: process, kind))", of: process.id))
        }
        for action in actions { carryOut(action, process) }
        guard process.lifecycle != before, isKnown(process) else { return }
        if before.hasTree, !process.lifecycle.hasTree { process.takeLastWords(from: place(of: process)) }
        note(process, since: before)
        if before.hasTree, !process.lifecycle.hasTree {
            noteStop(of: process)
            answer(process, .stop, .stopped)
        }
        noteFailure(of: process)
        // A start is usually over in a moment; ``publishIfStartIsSlow(_:)`` publishes one that takes longer.
        if process.lifecycle.phase != .starting { changed(process.id) }
        if process.lifecycle.phase == .running { startWaiting() }
        if before.hasTree, !process.lifecycle.hasTree { startWaitingSoon() }
        if before.isLive, !process.lifecycle.isLive { ended(process) }
    }

    /// Writes the new phase to the journal, unless the next worker can tell it from the living process.
    private func note(_ process: ManagedProcess, since before: ProcessLifecycle) {
        let record = process.lifecycle.record
        guard record != before.record, record.phase != .starting else { return }
        guard record.phase != .running || process.spec.ready != nil else { return }
        noteEnd(of: process, record.members)
    }

    /// Writes `members` to the journal, and before them the end of the launch unless the journal has it.
    func noteEnd(of process: ManagedProcess, _ members: [JSON.Member] = []) {
        stateStore.note(process.id, process.takeUnnotedEnd() + members)
    }

    private func carryOut(_ action: ProcessLifecycle.Action, _ process: ManagedProcess) {
        switch action {
        case .awaitDependencies:
            register(process)
            stateStore.note(process.id, process.record.members)
            waiting.add(process)
            startWaitingSoon()
        case .spawn: spawn(process)
        case .terminate: terminate(process)
        case .kill: kill(process)
        case .watchHealth: watchHealth(process)
        case .ignoreHealth: ignoreHealth(of: process)
        case .awaitSchedule: awaitSchedule(process)
        case .awaitBackoff(let seconds):
            events.note(.restarting(process.id, in: seconds, process.failure?.detail))
            awaitDeadline(of: process, seconds)
        case .awaitReady: awaitReady(process)
        case .awaitGrace: awaitDeadline(of: process, process.spec.stop.grace ?? settings.gracePeriod)
        case .awaitKill: awaitDeadline(of: process, Limits.killRecheck)
        case .cancelDeadline:
            process.cancelDeadline(on: loop)
            process.timetable?.stopWaiting(by: clock)
        }
    }

    private func end(of process: ManagedProcess, _ kind: RunEnd.Kind) -> RunEnd {
        switch kind {
        case .exited: .exited(process.launch.exit)
        case .spawnFailed: .spawnFailed(reason: process.failure?.detail ?? "unknown reason")
        case .notReady: .notReady(within: process.spec.ready?.timeout ?? 0)
        case .unhealthy: .unhealthy(reason: checks[process.id]?.reason ?? "unknown reason")
        }
    }

    private func spawn(_ process: ManagedProcess) {
        // Requests that wait for its end are answered before it starts again.
        answer(process, .stop, .stopped)
        let prestarted = pool.take(for: process)
        process.begin(launch: prestarted?.launch ?? launcher.nextNumber())
        // Before the launch: if this worker is killed now, the next one must know which launch the keeper holds.
        stateStore.note(process.id, process.record.members, in: .memory)
        if let prestarted {
            return launched(process) { () throws(Failure) in try prestarted.take() }
        }
        table.begin(process)
        publishIfStartIsSlow(process)
        launcher.launch(process) { [weak self] result in
            guard let self else { return }
            table.begun(process)
            launched(process) { () throws(Failure) in try result.get().take() }
        }
    }

    /// Publishes the process if its start takes longer than ``Limits/startShown``.
    private func publishIfStartIsSlow(_ process: ManagedProcess) {
        // Captures the id, because a weak reference would cost memory for as long as the process exists.
        let (id, number) = (process.id, process.launch.number)
        loop.after(.seconds(Limits.startShown)) { [weak self] in
            guard let self, let process = table.byID[id], process.launch.number == number,
                process.lifecycle.phase == .starting
            else { return }
            changed(id)
        }
    }

    private func launched(_ process: ManagedProcess, by take: () throws(Failure) -> Launched) {
        do throws(Failure) { began(process, try take()) } catch { failed(process, error) }
    }

    private func began(_ process: ManagedProcess, _ launched: consuming Launched) {
        let command = ShellWords.join(launched.arguments)
        var pipes = launched.pipes
        var readyPipe: ReadyPipe?
        if let end = pipes.notification.take() { readyPipe = ReadyPipe(end, loop: loop) }
        let run = Run(launched.handle, in: launched.tree, readyPipe: readyPipe)
        process.launched(run, command: command)
        register(process)
        table.launched(process)
        // After the launch, now with the pid: if the keeper is killed, too, only the journal has it.
        stateStore.note(process.id, process.record.members)
        if let rules = process.spec.ready { watchReadiness(of: process, rules) }
        run.collect(pipes.output, pipes.error, into: place(of: process), isNew: true, for: self)
        events.note(.started(process.id, pid: process.launch.pid, restarts: process.restarts))
        perform(.spawned, on: process)
        // After a stop in the meantime, ``ended(_:)`` answers these requests.
        guard process.lifecycle.want == .up else { return }
        answer(process, .start, .started(process.id, pid: process.launch.pid))
        answer(process, .reset, .reset(process.id, pid: process.launch.pid))
    }

    private func failed(_ process: ManagedProcess, _ failure: Failure) {
        // A launch that hangs is released when its thread has returned.
        if failure.code != .timeout { link.release(process.launch.number) }
        process.startFailed(failure)
        // The driver removes what it has made for a node if its first start fails.
        if table.byID[process.id] == nil {
            launcher.forget(process)
            subscriptions.remove(process.id)
        }
        // Taken before the event, so that they get this failure and not "stopped by another request".
        let waiters = process.take(.start) + process.take(.reset)
        perform(.spawnFailed, on: process)
        for reply in waiters { reply(.failed(failure)) }
        if !process.lifecycle.isLive { answer(process, .stop, .stopped) }
        // An ended process of the same id has kept its place: then the journal gets its record back.
        stateStore.note(process.id, table.byID[process.id]?.record.members ?? [.init("forgotten", true)])
        finishIfAllGone()
    }

    /// Makes the process known by its id. An ended process of the same name is forgotten; its logs are continued.
    func register(_ process: ManagedProcess) {
        guard !isKnown(process) else { return }
        if let earlier = table.add(process), earlier !== process {
            table.forgetEnd(of: earlier)
            if earlier.spec.isPersistent, !process.spec.isPersistent { stateStore.store(process.id, nil) }
        } else if process.spec.name == nil {
            // The generated id may have belonged to a forgotten process that has left logs.
            removeLogs(of: process)
        }
        store(process)
    }

    func awaitDeadline(of process: ManagedProcess, _ seconds: Double) {
        process.awaitDeadline(seconds, on: loop) { [weak self, weak process] in
            guard let self, let process else { return }
            // The last process of the tree may not have been a child of the keeper, which then did not report its end.
            if table.hasRemnants(process), isGone(process) {
                treeEmptied(process)
            } else {
                perform(.deadlinePassed, on: process)
            }
        }
    }

    private func noteStop(of process: ManagedProcess) {
        let launch = process.launch
        guard !launch.isOwnEnd, launch.exitedAt != nil else { return }
        events.note(.stopped(process.id, pid: launch.pid, launch.exit, uptime: launch.upTime))
    }

    private func noteFailure(of process: ManagedProcess) {
        let isBad = process.lifecycle.phase == .failed || process.timetable?.failedRun != nil
        let hasFailed = isBad && process.lifecycle.want == .up
        let reason = hasFailed ? process.trouble ?? "unknown reason" : nil
        guard health.note(failureOf: process.id, reason) else { return }
        if let reason { events.note(.failed(process.id, reason)) }
        if let failure = process.failure { stateStore.note(process.id, [ProcessRecord.member(failure)]) }
    }

    private func ended(_ process: ManagedProcess) {
        let stopped = Failure(.notAllowed, "stopped by another request")
        answer(process, .start, .failed(stopped))
        answer(process, .reset, .failed(stopped))
        answer(process, .stop, .stopped)
        waiting.remove(process)
        if process.spec.catchesUp, !isShuttingDown { stateStore.promise(process.id, nil) }
        // This end may meet the dependencies of others, or block them.
        startWaitingSoon()
        if let oldest = table.ended(process, atMost: settings.quotas.ended) { forget(oldest) }
        finishIfAllGone()
    }
}
