/// Identifies one process of this boot by its number and its start time.
package struct ProcessIdentity: Hashable, Sendable {
    package let pid: Int32
    /// Clock ticks since boot.
    package let startTime: UInt64

    package init(pid: Int32, startTime: UInt64) {
        self.pid = pid
        self.startTime = startTime
    }

    /// The process that has a number now; nil if there is none, or only a zombie.
    package init?(of pid: Int32) {
        guard let found = ProcessStatistics.read(pid), !found.hasEnded else { return nil }
        self.init(pid: pid, startTime: found.startTime)
    }

    package var hasEnded: Bool { Self(of: pid) != self }
}

extension ProcessIdentity {
    /// Whether it is a newborn of this program: it still shows this program and its arguments.
    package var isUnborn: Bool {
        let own = "/proc/self", other = "/proc/\(pid)"
        guard let program = FileSystem.target(ofLink: "\(other)/exe"),
            program == FileSystem.target(ofLink: "\(own)/exe")
        else { return false }
        let arguments = try? FileSystem.read("\(other)/cmdline", limit: 1 << 16)
        return arguments != nil && arguments == (try? FileSystem.read("\(own)/cmdline", limit: 1 << 16))
    }
}

extension ProcessIdentity: CustomStringConvertible {
    /// "123 (sleep)"
    package var description: String { "\(pid) (\(ProcessStatistics.read(pid)?.name ?? "ended"))" }
}

extension ProcessIdentity {
    /// Sends the signals one after the other.
    @discardableResult
    package func signal(_ signals: [Int32]) -> Delivery {
        var delivery = Delivery()
        PinnedProcess.inBatches(of: [pid]) { batch in
            // Now that it is pinned, its number can't be reused.
            for process in batch where !hasEnded {
                for signal in signals { delivery.add(process.signal(signal)) }
            }
        }
        return delivery
    }

    /// A process and its living descendants; empty if the process has ended.
    package static func family(of process: ProcessIdentity) -> [ProcessIdentity] {
        let descendants = Descent.descendants(of: [process.pid]).compactMap { ProcessIdentity(of: $0) }
        return process.hasEnded ? [] : [process] + descendants
    }
}
