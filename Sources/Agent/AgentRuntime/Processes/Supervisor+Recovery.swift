import LinuxSystem
import Model
import Supervision

/// Recovery: a new worker adopts what the worker or the agent before it has left.
///
/// It combines the journal (all processes), the launches and log pipes that the keeper and the pipe holder have held,
/// and the persistent specs. There may be processes that the keeper still holds because only the worker died; processes
/// that are not children of this keeper because the earlier one died, too; processes that have ended in the meantime;
/// and persistent ones that are to be started. Each is brought to its phase by `adopted` and the events that follow it.
extension Supervisor {
    /// - Parameter hasUnknownProcesses: whether processes live that a damaged journal has lost: each may be any of `stored`.
    func recover(
        _ contents: Journal.Contents, held: [KeeperLink.Held], stored: [Name: PersistentSpecs.Stored],
        hasUnknownProcesses: Bool
    ) {
        let isEnding = contents.milestones.contains(.ending)
        for launch in contents.ended { table.remember(launch) }
        let held = Dictionary(held.map { ($0.launch, $0) }, uniquingKeysWith: { first, _ in first })
        var unknown = held
        for (id, record) in contents.records.sorted(by: { $0.value.launch.number < $1.value.launch.number }) {
            let process = ManagedProcess(id: id, record)
            process.timetable?.catchUp(on: promisedStart(of: record, isInherited: contents.isInherited))
            table.add(process)
            unknown[record.launch.number] = nil
            var record = record
            let wasCutShort = isEnding && !contents.isInherited && stored[id] != nil
            // It was stopped because its agent ended, not by a request: it is still wanted.
            if wasCutShort { record.lifecycle.want = stored[id]?.want ?? record.lifecycle.want }
            // If SIGKILL did not end it, it is treated as running again.
            if wasCutShort, record.lifecycle.phase == .killing { record.lifecycle.phase = .running }
            recover(process, record, held[record.launch.number], startsAfresh: wasCutShort)
        }
        for stranger in unknown.values { endUnknownLaunch(stranger, mayBeWanted: hasUnknownProcesses) }
        for (id, stored) in stored.sorted(by: { $0.key < $1.key }) where table.byID[id] == nil {
            guard !contents.forgotten.contains(id) else {
                // The earlier agent forgot the process and ended before it could remove the file.
                stateStore.store(id, nil)
                continue
            }
            let process = ManagedProcess(id: id, spec: stored.spec, origin: stored.origin)
            table.add(process)
            if hasUnknownProcesses, stored.want == .up {
                process.failure = Failure(.notAllowed, "not started: it may still be running, see the damaged journal")
                perform(.adopted(.failed(nil), want: .up), on: process)
            } else {
                perform(.adopted(.absent, want: stored.want), on: process)
            }
        }
        for process in processes {
            if !process.lifecycle.hasTree { noteLastWords(of: process) }
            changed(process.id)
            let present = storable(process)
            // The earlier worker may have died before it could do this. A damaged journal is no reason to remove a
            // spec.
            guard !isEnding, present != stored[process.id], present != nil || contents.damage == nil else { continue }
            stateStore.store(process.id, present)
        }
        stateStore.rewrite()
        link.holder.dismissPredecessor()
    }

    /// A scheduled start that may have become due in the meantime. The death of a worker never skips a start; the end
    /// of an agent does, unless the spec asks for catch-up.
    private func promisedStart(of record: ProcessRecord, isInherited: Bool) -> Double? {
        guard record.lifecycle.phase == .scheduled, let start = record.nextStart else { return nil }
        return record.spec.catchesUp || isInherited && start <= WallClock.now ? start : nil
    }

    /// - Parameter startsAfresh: whether to start the process as a new agent would, if nothing of it is left.
    private func recover(
        _ process: ManagedProcess, _ record: ProcessRecord, _ held: KeeperLink.Held?, startsAfresh: Bool
    ) {
        let tree = launcher.tree(of: process)
        tree?.isAdopted = held?.isChild != true
        process.tree = tree
        // The keeper knows the pid even when the worker was killed before it could write it to the journal.
        process.launch.pid = process.launch.pid ?? held?.pid
        if record.launch.exitedAt == nil, let pid = process.launch.pid {
            process.handle = ProcessHandle.adopt(
                pid: pid, startTime: record.launch.startTime, isChildOfParent: held?.isChild ?? false)
        }
        if let tree { process.handle?.lead(tree) }
        let isSilenced = process.handle != nil && !resumeReadiness(of: process, record.lifecycle.phase)
        if let held { attach(held, to: process) }
        // If a child of the keeper is gone, the keeper has seen its end and is about to report its exit status.
        let isLeft = process.handle != nil || held?.isChild == true && record.launch.exitedAt == nil
        // Only where needed, because finding the tree by its mark takes a look at all processes of the host.
        let treeIsEmpty = isLeft ? false : tree?.removeIfEmpty() ?? true
        if isLeft {
            hold(process, isChild: held?.isChild == true)
        } else if !treeIsEmpty {
            table.launched(process)
            awaitRemnants(of: process)
        } else if process.launch.number != 0 {
            release(process)
        }
        if !isLeft, process.launch.pid != nil, record.launch.exitedAt == nil {
            // How and when it ended is unknown; the time is set to now.
            process.launch.exitedAt = BootClock.now
            process.launch.isOwnEnd = record.lifecycle.phase.isRunByItself
        }
        let isAfresh = startsAfresh && !isLeft && treeIsEmpty
        let events = record.lifecycle.events(mainLives: isLeft, treeIsEmpty: treeIsEmpty)
        for event in isAfresh ? [.adopted(.absent, want: record.lifecycle.want)] : events {
            perform(event, on: process)
        }
        if isSilenced { perform(.ready, on: process) }
        if !process.lifecycle.isLive, let oldest = table.ended(process, atMost: settings.quotas.ended) {
            forget(oldest)
        }
    }

    /// Resumes reading from `ready.fd`, and watching for readiness if it has not been seen yet.
    ///
    /// - Returns: false when readiness can't be seen any more, because the process has closed `ready.fd`.
    private func resumeReadiness(of process: ManagedProcess, _ phase: ProcessLifecycle.Phase) -> Bool {
        guard let rules = process.spec.ready else { return true }
        if let number = rules.descriptor, let pipe = try? process.handle?.reopen(number) {
            process.readyPipe = ReadyPipe(pipe, loop: loop)
        }
        guard phase == .starting || phase == .warming else {
            process.readyPipe?.read()
            return true
        }
        guard rules.descriptor == nil || process.readyPipe != nil else { return false }
        watchReadiness(of: process, rules)
        return true
    }

    private func hold(_ process: ManagedProcess, isChild: Bool) {
        process.launch.startTime = process.handle?.startTime ?? process.launch.startTime
        process.launch.startedAt = process.launch.startedAt ?? process.handle?.startedAt ?? BootClock.now
        table.launched(process)
        if !isChild { watchOrphan(process) }
        if process.output == nil { reopenOutput(of: process) }
    }

    /// Watches the end of a process that is not a child of the keeper. Its pidfd shows the end; the kernel tells the
    /// exit status once the parent has reaped the process.
    private func watchOrphan(_ process: ManagedProcess) {
        guard let number = process.handle?.exitDescriptor else { return }
        let launch = process.launch.number
        try? loop.watch(number, for: .read) { [weak self, weak process] _ in
            guard let self, let process else { return }
            loop.unwatch(number)
            learnExit(of: process, launch, patience: Limits.orphanPatience)
        }
    }

    /// - Parameter patience: seconds to wait for the exit status.
    private func learnExit(of process: ManagedProcess, _ launch: UInt64, patience: Double) {
        // It may have been restarted in the meantime.
        guard process.launch.number == launch, process.launch.exitedAt == nil else { return }
        guard process.handle?.isExitStatusDue == true, patience > 0 else {
            return mainExited(process, process.handle?.exitStatus.map { ExitStatus($0) })
        }
        loop.after(.seconds(Limits.orphanRecheck)) { [weak self, weak process] in
            guard let self, let process else { return }
            learnExit(of: process, launch, patience: patience - Limits.orphanRecheck)
        }
    }

    private func attach(_ held: KeeperLink.Held, to process: ManagedProcess) {
        guard let output = held.output, let error = held.error else { return }
        if held.pid == nil, process.handle != nil, let pid = process.launch.pid {
            link.hold(launch: held.launch, pid: pid, output: output, error: error)
        }
        attach(Descriptor(owning: output), Descriptor(owning: error), to: process, isNew: false)
    }

    /// Reopens the log pipes when no program has kept their read ends, through the process's descriptors (proc(5),
    /// `/proc/<pid>/fd`).
    private func reopenOutput(of process: ManagedProcess) {
        guard let pid = process.launch.pid, let output = try? process.handle?.reopen(1),
            let error = try? process.handle?.reopen(2)
        else { return }
        link.hold(launch: process.launch.number, pid: pid, output: output.number, error: error.number)
        attach(output, error, to: process, isNew: false)
    }

    /// Kills a launch that the journal does not have, or releases its pipes. No requester was told of it, so it is not
    /// wanted, unless the journal was damaged.
    private func endUnknownLaunch(_ stranger: KeeperLink.Held, mayBeWanted: Bool) {
        for number in [stranger.output, stranger.error] { if let number { _ = Descriptor(owning: number) } }
        guard stranger.pid == nil else {
            launcher.end(stranger)
            return link.release(stranger.launch)
        }
        // An unwanted process is found by its tree. One that may be wanted keeps its pipe: it blocks when that is full,
        // instead of being ended by SIGPIPE.
        if !mayBeWanted { link.holder.release(stranger.launch) }
    }

    /// Passes all log pipes to a pipe holder that has replaced one that ended.
    func holdAgain() {
        for process in processes { process.output?.hold(by: link.holder, as: process.launch.number) }
        pool.hold(by: link.holder)
    }
}
