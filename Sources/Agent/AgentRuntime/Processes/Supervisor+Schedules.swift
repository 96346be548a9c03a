import LinuxSystem
import Model
import ServiceSupport
import Supervision

/// Starts of processes by their schedules, their catch-up, and changes of the clock or the time zone.
extension Supervisor {
    func awaitSchedule(_ process: ManagedProcess) {
        register(process)
        guard let timetable = process.timetable else { return }
        if process.spec.catchesUp, process.runs == 0, timetable.promisedStart == nil {
            timetable.catchUp(on: stateStore.takePromise(process.id, timetable.schedule.text))
        }
        start(process, timetable, at: timetable.start(after: WallClock.now))
        stateStore.note(process.id, process.record.members)
    }

    /// - Parameter start: seconds since the epoch; nil is never.
    private func start(_ process: ManagedProcess, _ timetable: Timetable, at start: Double?) {
        promise(timetable.promisedStart ?? start, process)
        timetable.await(start, by: clock) { [weak self, weak process] start in
            guard let self, let process else { return }
            begin(process, for: start)
        }
    }

    private func begin(_ process: ManagedProcess, for start: Double) {
        guard let timetable = process.timetable else { return }
        timetable.begin(start)
        // Now and not after the run: a run that the end of the agent cuts short is not caught up.
        promise(timetable.regularStart(after: WallClock.now), process)
        perform(.deadlinePassed, on: process)
    }

    /// Stores a start, so that the next agent catches up on it if this one has not made it.
    private func promise(_ start: Double?, _ process: ManagedProcess) {
        guard process.spec.catchesUp, let schedule = process.spec.schedule else { return }
        stateStore.promise(process.id, start.map { .init(schedule: schedule.text, start: $0) })
    }

    /// - Parameter change: seconds by which the wall clock was set forward; negative: back.
    func clockWasSet(by change: Double) {
        LocalTime.reload()
        let now = WallClock.now
        for (process, timetable) in scheduled {
            startAnew(process, timetable, at: timetable.start(after: now, setBy: change))
        }
        guard abs(change) >= Limits.clockNews else { return }
        Log.note("the clock was set by \(change.rounded(toPlaces: 3)) s", .warning)
        for process in processes { changed(process.id) }
    }

    /// Reads the time zone's rules again, and reschedules what they move.
    func zoneMayHaveChanged() {
        LocalTime.reload()
        let now = WallClock.now
        for (process, timetable) in scheduled {
            // A start that is due is about to be made.
            if timetable.nextStart ?? now > now {
                startAnew(process, timetable, at: timetable.regularStart(after: now))
            }
        }
    }

    private var scheduled: [(ManagedProcess, Timetable)] {
        processes.compactMap { process in
            process.lifecycle.phase == .scheduled ? process.timetable.map { (process, $0) } : nil
        }
    }

    private func startAnew(_ process: ManagedProcess, _ timetable: Timetable, at time: Double?) {
        guard time != timetable.nextStart else { return }
        start(process, timetable, at: time)
        stateStore.note(process.id, process.record.members)
        changed(process.id)
    }
}
