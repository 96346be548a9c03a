import Glibc
import JSONCodec
import LinuxSystem
import Logs
import Model
import Supervision
import Wire

/// Carrying out what a process's machine decides.
extension Supervisor {
    func perform(_ event: ProcessLifecycle.Event, on process: ManagedProcess) {
        let before = process.lifecycle
        // A copy decides: a verdict is written down, and with it, when the journal is due, all that is known of each process.
        var lifecycle = before
        let actions = lifecycle.handle(event) { judge(process, $0) }
        process.lifecycle = lifecycle
        for action in actions { carryOut(action, process) }
        guard process.lifecycle != before, isKnown(process) else { return }
        if before.hasTree, !process.lifecycle.hasTree { noteLastWords(of: process) }
        note(process, since: before)
        if before.hasTree, !process.lifecycle.hasTree { answer(process, .stop, .stopped) }
        noteFailure(of: process)
        // A start is over in a moment, or ``showsItself(_:)`` has it seen.
        if process.lifecycle.phase != .starting { changed(process.id) }
        if process.lifecycle.phase == .running { startWaiting() }
        if before.hasTree, !process.lifecycle.hasTree { startWaitingSoon() }
        if before.isLive, !process.lifecycle.isLive { ended(process) }
    }

    /// Writes down how far it is, unless that shows from its being there.
    private func note(_ process: ManagedProcess, since before: ProcessLifecycle) {
        let record = process.lifecycle.record
        guard record != before.record, record.phase != .starting else { return }
        guard record.phase != .running || process.spec.ready != nil else { return }
        noteEnd(of: process, record.members)
    }

    /// Writes down how the launch has ended, if that is new, and what comes with it.
    func noteEnd(of process: ManagedProcess, _ members: [JSON.Member] = []) {
        stateStore.note(process.id, (process.hasUnnotedEnd ? process.launch.members : []) + members)
        process.hasUnnotedEnd = false
    }

    private func carryOut(_ action: ProcessLifecycle.Action, _ process: ManagedProcess) {
        switch action {
        case .awaitDependencies:
            takeItsPlace(process)
            stateStore.note(process.id, process.record.members)
            waiting.append(process)
            startWaitingSoon()
        case .spawn: spawn(process)
        case .terminate: terminate(process)
        case .kill: kill(process)
        case .watchHealth: watchHealth(process)
        case .ignoreHealth: ignoreHealth(of: process)
        case .awaitSchedule: awaitSchedule(process)
        case .awaitBackoff(let seconds): awaitDeadline(of: process, seconds)
        case .awaitReady: awaitReady(process)
        case .awaitGrace: awaitDeadline(of: process, process.spec.stop.grace ?? gracePeriod)
        case .awaitKill: awaitDeadline(of: process, Limits.killRecheck)
        case .cancelDeadline:
            loop.cancel(process.deadline)
            clock.cancel(process.timetable?.alarm)
            process.timetable?.nextStart = nil
        }
    }

    private func judge(_ process: ManagedProcess, _ end: RunEnd.Kind) -> RestartDecision {
        let end: RunEnd =
            switch end {
            case .exited: .exited(process.launch.exit)
            case .spawnFailed: .spawnFailed(reason: process.failure?.detail ?? "unknown reason")
            case .notReady: .notReady(within: process.spec.ready?.timeout ?? 0)
            case .unhealthy: .unhealthy(reason: process.checks?.reason ?? "unknown reason")
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
        guard process.timetable?.failedRun != failedRun else { return }
        process.timetable?.failedRun = failedRun
        stateStore.note(process.id, [ProcessRecord.member(failedRun: failedRun)])
    }

    private func spawn(_ process: ManagedProcess) {
        // Who waited for it to be gone need not see it come back.
        answer(process, .stop, .stopped)
        let isAgain = process.launch.number != 0
        let prestarted = pool.take(for: process)
        process.launch = LaunchRecord(number: prestarted?.launch ?? launcher.nextNumber())
        if isAgain, process.spec.schedule == nil { process.restarts += 1 }
        // Before it is there: should this worker be killed now, the next one knows what the keeper holds.
        stateStore.note(process.id, process.record.members, in: .memory)
        if let prestarted {
            do throws(Failure) { began(process, try launcher.launch(process, from: prestarted)) } catch {
                failed(process, error)
            }
            return
        }
        table.begin(process)
        showsItself(process)
        launcher.launch(process) { [weak self] in self?.spawned(process, $0) }
    }

    /// A start that takes long can be seen.
    private func showsItself(_ process: ManagedProcess) {
        // By its id: a weak reference would cost it memory for good.
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
            guard let ends = attempt.takePipes() else { throw Failure(.internal, "it is somebody's already") }
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
        takeItsPlace(process)
        table.launched(process)
        // Once it is there: should the keeper be killed as well, somebody must know its number.
        stateStore.note(process.id, process.record.members)
        collect(ends, of: process)
        perform(.spawned, on: process)
        // Whoever was told of a stop meanwhile hears of that.
        guard process.lifecycle.want == .up else { return }
        answer(process, .start, .started(process.id, pid: process.launch.pid))
        answer(process, .reset, .reset(process.id, pid: process.launch.pid))
    }

    private func failed(_ process: ManagedProcess, _ failure: Failure) {
        // What hangs is given up by who waits for it, and not by the keeper before that.
        if failure.code != .timeout { link.release(process.launch.number) }
        process.failure = failure
        // A refused node leaves nothing behind.
        if table.byID[process.id] == nil { launcher.forget(process) }
        // They hear this, and not that somebody has stopped it.
        let waiters = process.take(.start) + process.take(.reset)
        perform(.spawnFailed, on: process)
        for reply in waiters { reply(.failed(failure)) }
        if !process.lifecycle.isLive { answer(process, .stop, .stopped) }
        // It may have been meant to take an ended one's place, which that has kept.
        stateStore.note(process.id, table.byID[process.id]?.record.members ?? [.init("forgotten", true)])
        finishIfAllGone()
    }

    /// Known by its id from now on: an ended one of the same name is forgotten; what it wrote stays, and is written on.
    func takeItsPlace(_ process: ManagedProcess) {
        guard !isKnown(process) else { return }
        if let earlier = table.add(process), earlier !== process {
            table.forgetEnd(of: earlier)
            process.subscribers = earlier.subscribers
            if earlier.spec.isPersistent, !process.spec.isPersistent { stateStore.store(process.id, nil) }
        } else if process.spec.name == nil {
            // A number is given again when nobody remembers who had it.
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

    /// Has what a process writes go where it belongs.
    ///
    /// - Parameter isNew: whether the process begins with this, as one that is adopted does not.
    func attach(
        _ output: consuming Descriptor, _ error: consuming Descriptor, to process: ManagedProcess, isNew: Bool
    ) {
        process.tree?.writes(to: output, error)
        do throws(SystemError) {
            process.output = try ProcessOutput(
                place(of: process), isNew: isNew, output: output, error: error, loop: loop, supervisor: self)
        } catch {
            Log.note("the output of \(process.id) is lost: \(error)")
        }
        process.readiness?.watch(process)
    }

    func awaitDeadline(of process: ManagedProcess, _ seconds: Double) {
        loop.cancel(process.deadline)
        process.deadline = loop.after(.seconds(seconds)) { [weak self, weak process] in
            guard let self, let process else { return }
            // The last of the tree may have been somebody else's child, whose end nobody tells us.
            if isRemnant(process), isGone(process) {
                treeEmptied(process)
            } else {
                perform(.deadlinePassed, on: process)
            }
        }
    }

    private func noteFailure(of process: ManagedProcess) {
        let isBad = process.lifecycle.phase == .failed || process.timetable?.failedRun != nil
        let hasFailed = isBad && process.lifecycle.want == .up
        guard hasFailed != (troubled[process.id] === process) else { return }
        troubled[process.id] = hasFailed ? process : nil
        if hasFailed, let failure = process.failure { stateStore.note(process.id, [ProcessRecord.member(failure)]) }
    }

    /// Why a node or a VM has ended by itself stands in its log only, and its entry is what is looked at.
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
        waiting.removeAll { $0 === process }
        process.stopsWaiting()
        if process.spec.catchesUp, !isShuttingDown { stateStore.promise(process.id, nil) }
        // Others may wait for it in vain now, or no longer.
        startWaitingSoon()
        if let oldest = table.ended(process, atMost: quotas.ended) { forget(oldest) }
        finishIfAllGone()
    }
}
