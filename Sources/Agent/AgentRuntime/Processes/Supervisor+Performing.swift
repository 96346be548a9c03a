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
        let decision = before.runEnd(at: event).map { decide(process, $0) } ?? .staysEnded
        let actions = process.lifecycle.handle(event, decision: decision)
        for action in actions { carryOut(action, process) }
        guard process.lifecycle != before, isKnown(process) else { return }
        if before.hasTree, !process.lifecycle.hasTree { noteLastWords(of: process) }
        note(process, since: before)
        if before.hasTree, !process.lifecycle.hasTree { answer(process, .stop, .stopped) }
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
        stateStore.note(process.id, (process.hasUnnotedEnd ? process.launch.members : []) + members)
        process.hasUnnotedEnd = false
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
        case .awaitBackoff(let seconds): awaitDeadline(of: process, seconds)
        case .awaitReady: awaitReady(process)
        case .awaitGrace: awaitDeadline(of: process, process.spec.stop.grace ?? settings.gracePeriod)
        case .awaitKill: awaitDeadline(of: process, Limits.killRecheck)
        case .cancelDeadline:
            loop.cancel(process.deadline)
            process.timetable?.stopWaiting(by: clock)
        }
    }

    private func decide(_ process: ManagedProcess, _ end: RunEnd.Kind) -> RestartDecision {
        let end: RunEnd =
            switch end {
            case .exited: .exited(process.launch.exit)
            case .spawnFailed: .spawnFailed(reason: process.failure?.detail ?? "unknown reason")
            case .notReady: .notReady(within: process.spec.ready?.timeout ?? 0)
            case .unhealthy: .unhealthy(reason: checks[process.id]?.reason ?? "unknown reason")
            }
        guard process.spec.schedule == nil else {
            note(process, failedRun: end.isFailure ? "\(end)" : nil)
            return .staysEnded
        }
        let decision = process.history.decision(
            for: end, after: process.upTime, rules: process.spec.restart, at: BootClock.now,
            jitter: Double.random(in: 0..<1))
        switch decision {
        case .givesUp(let reason): process.failure = Failure(.execFailed, reason)
        case .restarts:
            stateStore.note(
                process.id, [ProcessRecord.member(restarts: process.restarts, process.history)])
        case .staysEnded: break
        }
        return decision
    }

    private func note(_ process: ManagedProcess, failedRun: String?) {
        guard process.timetable?.ended(failedRun) == true else { return }
        stateStore.note(process.id, [ProcessRecord.member(failedRun: failedRun)])
    }

    private func spawn(_ process: ManagedProcess) {
        // Requests that wait for its end are answered before it starts again.
        answer(process, .stop, .stopped)
        let isAgain = process.launch.number != 0
        let prestarted = pool.take(for: process)
        process.launch = LaunchRecord(number: prestarted?.launch ?? launcher.nextNumber())
        if isAgain, process.spec.schedule == nil { process.restarts += 1 }
        // Before the launch: if this worker is killed now, the next one must know which launch the keeper holds.
        stateStore.note(process.id, process.record.members, in: .memory)
        if let prestarted {
            do throws(Failure) { began(process, try launcher.launch(process, from: prestarted)) } catch {
                failed(process, error)
            }
            return
        }
        table.begin(process)
        publishIfStartIsSlow(process)
        launcher.launch(process) { [weak self] in self?.spawned(process, $0) }
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

    private func spawned(_ process: ManagedProcess, _ result: Result<LaunchAttempt, Failure>) {
        table.begun(process)
        do throws(Failure) {
            let attempt = try result.get()
            guard let ends = attempt.takePipes() else { throw Failure(.internal, "its output pipes are already taken") }
            process.handle = attempt.takeHandle()
            process.tree = attempt.tree
            process.command = ShellWords.join(attempt.plan.arguments)
            began(process, ends)
        } catch {
            failed(process, error)
        }
    }

    private func began(_ process: ManagedProcess, _ ends: consuming Launcher.OutputPipes) {
        process.launch.pid = process.handle?.pid
        process.launch.startTime = process.handle?.startTime
        process.launch.startedAt = BootClock.now
        process.runs += 1
        process.failure = nil
        process.forgetEnd()
        process.lastWords = nil
        process.readiness = nil
        register(process)
        table.launched(process)
        // After the launch, now with the pid: if the keeper is killed, too, only the journal has it.
        stateStore.note(process.id, process.record.members)
        collect(ends, of: process)
        perform(.spawned, on: process)
        // After a stop in the meantime, ``ended(_:)`` answers these requests.
        guard process.lifecycle.want == .up else { return }
        answer(process, .start, .started(process.id, pid: process.launch.pid))
        answer(process, .reset, .reset(process.id, pid: process.launch.pid))
    }

    private func failed(_ process: ManagedProcess, _ failure: Failure) {
        // A launch that hangs is released when its thread has returned.
        if failure.code != .timeout { link.release(process.launch.number) }
        process.failure = failure
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

    private func collect(_ ends: consuming Launcher.OutputPipes, of process: ManagedProcess) {
        var ends = ends
        if let pipe = ends.notification.take() { process.readyPipe = ReadyPipe(pipe, loop: loop) }
        if let rules = process.spec.ready { watchReadiness(of: process, rules) }
        attach(ends.output, ends.error, to: process, isNew: true)
    }

    /// Has the output of a process written to its logs.
    ///
    /// - Parameter isNew: whether nothing has come through the pipes yet; false for an adopted process.
    func attach(
        _ output: consuming Descriptor, _ error: consuming Descriptor, to process: ManagedProcess, isNew: Bool
    ) {
        process.tree?.writes(to: output, error)
        do throws(SystemError) {
            process.output = try ProcessOutput(
                place(of: process), isNew: isNew, output: output, error: error, loop: loop,
                subscriptions: subscriptions, supervisor: self)
        } catch {
            Log.note("the output of \(process.id) is lost: \(error)")
        }
        process.readiness?.watch(process.id, subscriptions)
    }

    func awaitDeadline(of process: ManagedProcess, _ seconds: Double) {
        loop.cancel(process.deadline)
        process.deadline = loop.after(.seconds(seconds)) { [weak self, weak process] in
            guard let self, let process else { return }
            // The last process of the tree may not have been a child of the keeper, which then did not report its end.
            if table.hasRemnants(process), isGone(process) {
                treeEmptied(process)
            } else {
                perform(.deadlinePassed, on: process)
            }
        }
    }

    private func noteFailure(of process: ManagedProcess) {
        let isBad = process.lifecycle.phase == .failed || process.timetable?.failedRun != nil
        let hasFailed = isBad && process.lifecycle.want == .up
        let reason = hasFailed ? process.trouble ?? "unknown reason" : nil
        if health.note(failureOf: process.id, reason), let failure = process.failure {
            stateStore.note(process.id, [ProcessRecord.member(failure)])
        }
    }

    /// Copies the last line that a failed node or VM wrote to stderr into its entry: that line tells why it failed.
    func noteLastWords(of process: ManagedProcess) {
        guard process.spec.invocation.isAgent, let exit = process.launch.exit, exit.signal == nil, exit.exitCode != 0
        else { return }
        let reading = LogFiles.Reading(count: 1, limit: Limits.lastWords)
        process.lastWords = (try? place(of: process).files(of: .stderr).lastLines(reading))?.lines.last?.text
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
