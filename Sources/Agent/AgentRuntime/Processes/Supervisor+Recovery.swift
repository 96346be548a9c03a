import Glibc
import LinuxSystem
import Model
import Supervision

/// Going on where the agent before this one has left off.
///
/// What there may be: processes that the keeper has held since its worker died, processes that nobody has held since
/// keeper and worker died, processes that ended meanwhile, and persistent ones that are to be started.
extension Supervisor {
    /// - Parameter hasStrangers: whether processes live that nobody knows any more, who may be any of `stored`.
    func recover(
        _ contents: Journal.Contents, held: [KeeperLink.Held], stored: [Name: PersistentSpecs.Stored],
        hasStrangers: Bool
    ) {
        if contents.isInherited { stateStore.milestones = contents.milestones }
        let isEnding = contents.milestones.contains(.ending)
        for launch in contents.ended { table.remember(launch) }
        let held = Dictionary(held.map { ($0.launch, $0) }, uniquingKeysWith: { first, _ in first })
        var unknown = held
        for (id, record) in contents.records.sorted(by: { $0.value.launch.number < $1.value.launch.number }) {
            let process = ManagedProcess(id: id, record)
            process.timetable?.promisedStart = promisedStart(of: record, isInherited: contents.isInherited)
            table.add(process)
            unknown[record.launch.number] = nil
            var record = record
            let wasCutShort = isEnding && !contents.isInherited && stored[id] != nil
            // It was stopped because its agent was to end: nobody has said that it shall not run.
            if wasCutShort { record.lifecycle.want = stored[id]?.want ?? record.lifecycle.want }
            // And one that SIGKILL did not end goes on.
            if wasCutShort, record.lifecycle.phase == .killing { record.lifecycle.phase = .running }
            recover(process, record, held[record.launch.number], startsAfresh: wasCutShort)
        }
        for stranger in unknown.values { letGo(stranger, mayBeWanted: hasStrangers) }
        for (id, stored) in stored.sorted(by: { $0.key < $1.key }) where table.byID[id] == nil {
            guard !contents.forgotten.contains(id) else {
                // The agent before this one had no time to remove the file.
                stateStore.store(id, nil)
                continue
            }
            let process = ManagedProcess(id: id, spec: stored.spec, origin: stored.origin)
            table.add(process)
            if hasStrangers, stored.want == .up {
                process.failure = Failure(.notAllowed, "not started: it may be running still, see the damaged journal")
                perform(.adopted(.failed(nil), want: .up), on: process)
            } else {
                perform(.adopted(.absent, want: stored.want), on: process)
            }
        }
        for process in processes {
            if !process.lifecycle.hasTree { noteLastWords(of: process) }
            changed(process.id)
            let present = storable(process)
            // The worker before this one may not have been able to. A journal that is not whole takes nothing away.
            guard !isEnding, present != stored[process.id], present != nil || contents.damage == nil else { continue }
            stateStore.store(process.id, present)
        }
        stateStore.rewrite()
        link.holder.dismissPredecessor()
    }

    /// A start that may have been due meanwhile: no worker's death swallows one, an agent's does unless it is to be made up for.
    private func promisedStart(of record: ProcessRecord, isInherited: Bool) -> Double? {
        guard record.lifecycle.phase == .scheduled, let start = record.nextStart else { return nil }
        return record.spec.catchesUp || isInherited && start <= WallClock.now ? start : nil
    }

    /// - Parameter startsAfresh: when nothing of it is left, as with a new agent.
    private func recover(
        _ process: ManagedProcess, _ record: ProcessRecord, _ held: KeeperLink.Held?, startsAfresh: Bool
    ) {
        let tree = launcher.tree(of: process)
        tree?.isAdopted = held?.isChild != true
        process.tree = tree
        // The keeper knows of a birth even when its worker was killed before it could write it down.
        process.launch.pid = process.launch.pid ?? held?.pid
        if record.launch.exitedAt == nil, let pid = process.launch.pid {
            process.handle = ProcessHandle.adopt(
                pid: pid, startTime: record.launch.startTime, isChildOfParent: held?.isChild ?? false)
        }
        if let tree { process.handle?.lead(tree) }
        let isSilenced = process.handle != nil && !resumeReadiness(of: process, record.lifecycle.phase)
        if let held { attach(held, to: process) }
        // One that is not there any more was seen to end by the keeper, who is about to say how.
        let isLeft = process.handle != nil || held?.isChild == true && record.launch.exitedAt == nil
        // All of it may carry the mark of an earlier launch: a look at the whole machine, where there is need of it.
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
            // Nobody saw how, and when it was nobody knows better than now.
            process.launch.exitedAt = BootClock.now
            process.launch.isOwnEnd = record.lifecycle.phase.isRunByItself
        }
        let isAfresh = startsAfresh && !isLeft && treeIsEmpty
        let events = record.lifecycle.events(leaderLives: isLeft, treeIsEmpty: treeIsEmpty)
        for event in isAfresh ? [.adopted(.absent, want: record.lifecycle.want)] : events {
            perform(event, on: process)
        }
        if isSilenced { perform(.ready, on: process) }
        if !process.lifecycle.isLive, let oldest = table.ended(process, atMost: quotas.ended) { forget(oldest) }
    }

    /// Goes on reading what it writes on `ready.fd`, and looking out for the sign that it is up.
    ///
    /// - Returns: false when that can't be seen any more: it was to write to a descriptor, and has closed it since.
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

    /// Somebody else is its parent: its end shows on its descriptor, and how it ended once its parent has seen it, too.
    private func watchOrphan(_ process: ManagedProcess) {
        guard let number = process.handle?.exitDescriptor else { return }
        let launch = process.launch.number
        try? loop.watch(number, for: .read) { [weak self, weak process] _ in
            guard let self, let process else { return }
            loop.unwatch(number)
            learnExit(of: process, launch, patience: Limits.orphanPatience)
        }
    }

    /// - Parameter patience: seconds.
    private func learnExit(of process: ManagedProcess, _ launch: UInt64, patience: Double) {
        // It may have been started anew meanwhile.
        guard process.launch.number == launch, process.launch.exitedAt == nil else { return }
        guard process.handle?.isExitStatusDue == true, patience > 0 else {
            return leaderExited(process, process.handle?.exitStatus.map { ExitStatus($0) })
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

    /// Nobody has held its log pipes; it has, and they can be opened anew through it.
    private func reopenOutput(of process: ManagedProcess) {
        guard let pid = process.launch.pid, let output = try? process.handle?.reopen(1),
            let error = try? process.handle?.reopen(2)
        else { return }
        link.hold(launch: process.launch.number, pid: pid, output: output.number, error: error.number)
        attach(output, error, to: process, isNew: false)
    }

    /// A launch that no journal knows of: nobody was told of it, and nobody misses it, unless the journal was damaged.
    private func letGo(_ stranger: KeeperLink.Held, mayBeWanted: Bool) {
        for number in [stranger.output, stranger.error] { if let number { _ = Descriptor(owning: number) } }
        guard stranger.pid == nil else {
            launcher.end(stranger)
            return link.release(stranger.launch)
        }
        // What is not wanted is found by its tree; what may be waits when its pipe is full, and is not ended by SIGPIPE.
        if !mayBeWanted { link.holder.release(stranger.launch) }
    }

    /// Another holder of pipes has taken the place of one that has ended.
    func holdAgain() {
        for process in processes { process.output?.hold(by: link.holder, as: process.launch.number) }
        pool.hold(by: link.holder)
    }
}
