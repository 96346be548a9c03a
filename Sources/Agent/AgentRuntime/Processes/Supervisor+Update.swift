import Logs
import Model
import Supervision

/// Changing a process while it runs.
extension Supervisor {
    /// Replaces the spec of a process, which keeps running.
    ///
    /// - Parameter spec: its difference from the present one is ``ProcessSpec/Change/inPlace``.
    func update(_ process: ManagedProcess, to spec: ProcessSpec) {
        let old = process.spec
        process.change(to: spec)
        table.dependenciesChanged(of: process)
        if old.log != spec.log { useLogRules(of: process) }
        if old.healthCheck != spec.healthCheck, process.lifecycle.phase == .running {
            ignoreHealth(of: process)
            watchHealth(process)
        }
        stateStore.note(process.id, process.record.members)
        // The record contains it.
        _ = process.takeUnnotedEnd()
        if spec.isPersistent { store(process) } else if old.isPersistent { stateStore.store(process.id, nil) }
        changed(process.id)
        startWaitingSoon()
    }

    private func useLogRules(of process: ManagedProcess) {
        let place = place(of: process)
        process.run?.output?.use(place)
        // Removes surplus log files now, because the process may not write for a long time.
        for stream in LogStream.allCases { try? place.files(of: stream).recover() }
    }
}
