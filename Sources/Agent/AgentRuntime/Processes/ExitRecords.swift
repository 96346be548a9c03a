import DequeModule
import JSONCodec
import Model

/// Exit statuses of ended processes by pid, for later queries.
struct ExitRecords {
    private struct Record {
        let pid: Int32
        /// Seconds of the boot clock.
        let time: Double
    }

    private var statuses: [Int32: (status: ExitStatus, time: Double)] = [:]
    private var order: Deque<Record> = []

    subscript(pid: Int32) -> ExitStatus? { statuses[pid]?.status }

    /// Keeps at least the last ``Limits/endedProcesses`` records, and of the older ones those younger than
    /// ``Limits/endedRetention``, up to ``Limits/exitRecords`` in total.
    mutating func add(_ pid: Int32, _ status: ExitStatus, at time: Double) {
        // A worker that takes over records the ends in the journal again.
        guard statuses[pid]?.time != time else { return }
        statuses[pid] = (status, time)
        order.append(Record(pid: pid, time: time))
        while let oldest = order.first, order.count > Limits.endedProcesses,
            order.count > Limits.exitRecords || time - oldest.time > Limits.endedRetention
        {
            order.removeFirst()
            // A later process may have had the same pid.
            if statuses[oldest.pid]?.time == oldest.time { statuses[oldest.pid] = nil }
        }
    }

    /// The pid belongs to a living process again.
    mutating func forget(_ pid: Int32) { statuses[pid] = nil }

    /// The journal's lines, one per record, oldest first.
    var members: [[JSON.Member]] {
        order.compactMap { record in
            guard let (status, time) = statuses[record.pid], time == record.time else { return nil }
            return LaunchRecord(pid: record.pid, exitedAt: time, exit: status).members
        }
    }
}
