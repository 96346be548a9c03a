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
        let held = byLaunch(held)
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
                process.startFailed(
                    Failure(.notAllowed, "not started: it may still be running, see the damaged journal"))
                perform(.adopted(.failed(nil), want: .up), on: process)
            } else {
                perform(.adopted(.absent, want: stored.want), on: process)
            }
        }
        for process in processes {
            if !process.lifecycle.hasTree { process.takeLastWords(from: place(of: process)) }
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

    /// What is held of each launch. The keeper and the pipe holder of an earlier agent can both hold one, if the worker
    /// that has taken over from that agent died soon.
    private func byLaunch(_ all: [KeeperLink.Held]) -> [UInt64: KeeperLink.Held] {
        var found: [UInt64: KeeperLink.Held] = [:]
        for held in all {
            if found[held.launch] == nil { found[held.launch] = held } else { held.close() }
        }
        return found
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
        let isChild = held?.isChild == true
        let tree = launcher.tree(of: process)
        // A child of the keeper that is gone is left, too: the keeper is about to report its exit status.
        let isLeft = tree.map { process.adopt($0, pid: held?.pid, isChild: isChild, on: loop) } ?? false
        let isSilenced = process.isUp && !resumeReadiness(of: process, record.lifecycle.phase)
        if let held { attach(held, to: process) }
        // Only where needed, because finding the tree by its mark takes a look at all processes of the host.
        let treeIsEmpty = isLeft ? false : tree?.removeIfEmpty() ?? true
        if isLeft {
            hold(process, isChild: isChild)
        } else if !treeIsEmpty {
            table.launched(process)
            awaitRemnants(of: process)
        } else if tree != nil {
            release(process)
        }
        if !isLeft { process.hadExited(in: record.lifecycle.phase) }
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
        guard phase == .starting || phase == .warming else {
            process.run?.discardReports()
            return true
        }
        return watchReadiness(of: process, rules)
    }

    private func hold(_ process: ManagedProcess, isChild: Bool) {
        table.launched(process)
        if !isChild {
            process.run?.watchOrphan(on: loop) { [weak self, weak process] status in
                if let process { self?.mainExited(process, status) }
            }
        }
        if process.run?.output == nil { reopenOutput(of: process) }
    }

    private func attach(_ held: KeeperLink.Held, to process: ManagedProcess) {
        guard let output = held.output, let error = held.error else { return held.close() }
        if held.pid == nil, process.isUp, let pid = process.launch.pid {
            link.hold(launch: held.launch, pid: pid, output: output, error: error)
        }
        collect(Descriptor(owning: output), Descriptor(owning: error), of: process)
    }

    /// Reopens the log pipes when no program has kept their read ends, through the process's descriptors (proc(5),
    /// `/proc/<pid>/fd`).
    private func reopenOutput(of process: ManagedProcess) {
        guard let pid = process.launch.pid, let pipes = process.run?.reopenPipes() else { return }
        link.hold(launch: process.launch.number, pid: pid, output: pipes.output.number, error: pipes.error.number)
        collect(pipes.output, pipes.error, of: process)
    }

    private func collect(_ output: consuming Descriptor, _ error: consuming Descriptor, of process: ManagedProcess) {
        process.run?.collect(output, error, into: place(of: process), isNew: false, for: self)
    }

    /// Kills a launch that the journal does not have, or releases its pipes. No requester was told of it, so it is not
    /// wanted, unless the journal was damaged.
    private func endUnknownLaunch(_ stranger: KeeperLink.Held, mayBeWanted: Bool) {
        stranger.close()
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
        for process in processes { process.run?.output?.hold(by: link.holder, as: process.launch.number) }
        pool.hold(by: link.holder)
    }
}
