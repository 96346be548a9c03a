import LinuxSystem
import Model
import ServiceSupport
import Supervision

/// Starts of processes by their schedules, their catch-up, and changes of the clock or the time zone.
extension Supervisor {
    func awaitSchedule(_ process: ManagedProcess) {
        register(process)
        if process.spec.catchesUp, process.runs == 0, process.timetable?.promisedStart == nil,
            let schedule = process.spec.schedule
        {
            process.timetable?.promisedStart = stateStore.takePromise(process.id, schedule.text)
        }
        let now = WallClock.now
        start(process, at: overdueStart(of: process, now) ?? nextStart(of: process, after: now))
        stateStore.note(process.id, process.record.members)
    }

    private func overdueStart(of process: ManagedProcess, _ now: Double) -> Double? {
        process.timetable?.promisedStart.flatMap { $0 <= now ? $0 : nil }
    }

    private func nextStart(of process: ManagedProcess, after now: Double) -> Double? {
        process.spec.schedule?.next(after: Int(now.rounded(.down)), offset: LocalTime.offset).map { Double($0) }
    }

    /// - Parameter start: seconds since the epoch; nil is never.
    private func start(_ process: ManagedProcess, at start: Double?) {
        clock.cancel(process.timetable?.alarm)
        process.timetable?.nextStart = start
        promise(process.timetable?.promisedStart ?? start, process)
        process.timetable?.alarm = start.map { start in
            clock.at(start) { [weak self, weak process] in
                guard let self, let process else { return }
                begin(process, for: start)
            }
        }
    }

    private func begin(_ process: ManagedProcess, for start: Double) {
        process.timetable?.nextStart = nil
        process.timetable?.latestStart = start
        process.timetable?.promisedStart = nil
        // Now and not after the run: a run that the end of the agent cuts short is not caught up.
        promise(nextStart(of: process, after: WallClock.now), process)
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
        for process in processes where process.lifecycle.phase == .scheduled {
            let next = process.spec.schedule?.next(
                after: now, setBy: change, pending: process.timetable?.nextStart,
                latest: process.timetable?.latestStart,
                offset: LocalTime.offset)
            startAnew(process, at: overdueStart(of: process, now) ?? next.map { Double($0) })
        }
        guard abs(change) >= Limits.clockNews else { return }
        Log.note("the clock was set by \(change.rounded(toPlaces: 3)) s")
        for process in processes { changed(process.id) }
    }

    /// Reads the time zone's rules again, and reschedules what they move.
    func zoneMayHaveChanged() {
        LocalTime.reload()
        let now = WallClock.now
        for process in processes where process.lifecycle.phase == .scheduled {
            // A start that is due is about to be made.
            if process.timetable?.nextStart ?? now > now { startAnew(process, at: nextStart(of: process, after: now)) }
        }
    }

    private func startAnew(_ process: ManagedProcess, at time: Double?) {
        guard time != process.timetable?.nextStart else { return }
        start(process, at: time)
        stateStore.note(process.id, process.record.members)
        changed(process.id)
    }
}
