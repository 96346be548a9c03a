import DequeModule
import JSONCodec
import Model

/// How processes ended, by the pid they had, for those who ask later.
struct ExitRecords {
    private struct Record {
        let pid: Int32
        /// Seconds of the boot clock.
        let time: Double
    }

    private var statuses: [Int32: (status: ExitStatus, time: Double)] = [:]
    private var order: Deque<Record> = []

    subscript(pid: Int32) -> ExitStatus? { statuses[pid]?.status }

    /// Keeps at least the last ``Limits/endedProcesses``, and what is younger than ``Limits/endedRetention`` while no
    /// more than ``Limits/exitRecords`` are.
    mutating func add(_ pid: Int32, _ status: ExitStatus, at time: Double) {
        // Told again when an agent takes over.
        guard statuses[pid]?.time != time else { return }
        statuses[pid] = (status, time)
        order.append(Record(pid: pid, time: time))
        while let oldest = order.first, order.count > Limits.endedProcesses,
            order.count > Limits.exitRecords || time - oldest.time > Limits.endedRetention
        {
            order.removeFirst()
            // The number may have come back for a younger one.
            if statuses[oldest.pid]?.time == oldest.time { statuses[oldest.pid] = nil }
        }
    }

    /// The number belongs to a living process again.
    mutating func forget(_ pid: Int32) { statuses[pid] = nil }

    /// A line of the journal each, in their order.
    var members: [[JSON.Member]] {
        order.compactMap { record in
            guard let (status, time) = statuses[record.pid], time == record.time else { return nil }
            return LaunchRecord(pid: record.pid, exitedAt: time, exit: status).members
        }
    }
}
