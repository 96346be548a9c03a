import Glibc
import LinuxSystem
import Model
import Supervision

/// Going on where the agent before this one has left off.
///
/// What there may be: processes that the keeper has held since its worker died, processes that nobody has held since
/// keeper and worker died, processes that ended meanwhile, and persistent ones that are to be started.
extension Supervisor {
    func recover(_ contents: Journal.Contents, held: [KeeperLink.Held], stored: [Name: PersistentSpecs.Stored]) {
        for launch in contents.ended { table.remember(launch) }
        let held = Dictionary(held.map { ($0.launch, $0) }, uniquingKeysWith: { first, _ in first })
        var unknown = held
        for (id, record) in contents.records.sorted(by: { $0.value.launch.number < $1.value.launch.number }) {
            let process = ManagedProcess(id: id, record)
            table.add(process)
            unknown[record.launch.number] = nil
            recover(process, record, held[record.launch.number])
        }
        for stranger in unknown.values { end(stranger) }
        for (id, stored) in stored.sorted(by: { $0.key < $1.key }) where table.byID[id] == nil {
            let process = ManagedProcess(id: id, spec: stored.spec, origin: stored.origin)
            table.add(process)
            perform(.adopted(.absent, want: stored.want), on: process)
        }
        for process in processes { changed(process.id) }
        notebook.rewrite()
    }

    private func recover(_ process: ManagedProcess, _ record: ProcessRecord, _ held: KeeperLink.Held?) {
        process.tree = launcher.tree(of: process)
        // The keeper knows of a birth even when its worker was killed before it could write it down.
        process.launch.pid = process.launch.pid ?? held?.pid
        if record.launch.exitedAt == nil, let pid = process.launch.pid {
            process.handle = ProcessHandle.adopt(pid: pid, startTime: record.launch.startTime)
        }
        if let held { attach(held, to: process) }
        let isExpected = process.handle == nil && held?.isChild == true
        if process.handle != nil || isExpected {
            adopt(process, record, held)
        } else if process.tree?.isEmpty == false {
            adoptRemnant(process, record)
        } else {
            _ = process.tree?.remove()
            process.tree = nil
            process.output?.finish()
            process.output = nil
            if let held { link.release(held.launch) }
            adoptEnded(process, record)
        }
    }

    /// It lives; or it does not any more, and the keeper is about to say how it ended.
    private func adopt(_ process: ManagedProcess, _ record: ProcessRecord, _ held: KeeperLink.Held?) {
        process.launch.startTime = process.handle?.startTime ?? process.launch.startTime
        process.launch.startedAt = process.launch.startedAt ?? WallClock.now
        table.launched(process)
        if held == nil { watchOrphan(process) }
        if held?.output == nil { reopenOutput(of: process) }
        perform(.adopted(record.want == .up ? .ready : .stopping(nil), want: record.want), on: process)
    }

    /// Its leader has ended and its tree has not: that ends now, too.
    private func adoptRemnant(_ process: ManagedProcess, _ record: ProcessRecord) {
        table.launched(process)
        remnants.append(process)
        if process.launch.exitedAt == nil {
            process.launch.exitedAt = WallClock.now
            perform(.adopted(.ready, want: record.want), on: process)
            perform(.leaderExited(treeIsEmpty: false), on: process)
        } else {
            perform(.adopted(.stopping(nil), want: .down), on: process)
        }
    }

    private func adoptEnded(_ process: ManagedProcess, _ record: ProcessRecord) {
        if let failure = record.failure {
            perform(.adopted(.failed(reason: failure.detail), want: record.want), on: process)
        } else if record.launch.pid != nil, record.launch.exitedAt == nil {
            // Nobody saw how; when is not known, either.
            process.launch.exitedAt = WallClock.now
            notebook.note(process.id, process.launch.members)
            perform(.adopted(.ended, want: record.want), on: process)
        } else if record.launch.exitedAt != nil, record.want == .up, process.spec.schedule == nil {
            perform(.adopted(.ended, want: .up), on: process)
        } else {
            perform(.adopted(.absent, want: record.want), on: process)
        }
        if !process.machine.isLive, let oldest = table.ended(process) { forget(oldest) }
    }

    /// Somebody else is its parent: its end shows on its descriptor.
    private func watchOrphan(_ process: ManagedProcess) {
        guard let number = process.handle?.exitDescriptor else { return }
        try? loop.watch(number, for: .read) { [weak self, weak process] _ in
            guard let self, let process else { return }
            loop.unwatch(number)
            leaderExited(process, process.handle?.exitStatus.map { ExitStatus($0) })
        }
    }

    private func attach(_ held: KeeperLink.Held, to process: ManagedProcess) {
        guard let output = held.output, let error = held.error else { return }
        attach(Descriptor(owning: output), Descriptor(owning: error), to: process)
    }

    /// Nobody has held its log pipes; it has, and they can be opened anew through it.
    private func reopenOutput(of process: ManagedProcess) {
        guard let pid = process.launch.pid,
            let output = try? LogPipe.reopen(1, of: pid), let error = try? LogPipe.reopen(2, of: pid)
        else { return }
        link.hold(launch: process.launch.number, pid: pid, output: output.number, error: error.number)
        attach(output, error, to: process)
    }

    /// A launch that no journal knows of: nobody was told of it, and nobody misses it.
    private func end(_ stranger: KeeperLink.Held) {
        for number in [stranger.output, stranger.error] { if let number { _ = Descriptor(owning: number) } }
        launcher.killTree(of: stranger.launch)
        link.release(stranger.launch)
    }
}
