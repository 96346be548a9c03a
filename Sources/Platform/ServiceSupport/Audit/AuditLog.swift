import JSONCodec
package import LinuxSystem
import Logs
package import Model

/// Records every request that was carried out or refused: one line each, in `audit.log` of the state directory.
package final class AuditLog {
    private let log: LineLog
    /// Why lines are missing; nil if none are.
    package private(set) var trouble: SystemError?
    /// Lines lost since `trouble` began, not yet reported.
    private var missed = 0
    /// Also called with each line.
    package var publish: (([UInt8]) -> Void)?
    /// Called with each request that was refused or has failed, unless it only reads: what it asks for, why, and its
    /// requester as far as it is known.
    package var refused: (_ request: String, Failure, _ requester: String?) -> Void = { _, _, _ in }
    /// Entries of requests that only read. They are written when the loop is idle, so that no answer waits for them.
    private var readings: [AuditEntry] = []

    package init(stateDirectory: String, on loop: EventLoop) {
        var rules = LogRules()
        (rules.maximumSize, rules.files) = (Limits.auditSize, Limits.auditFiles)
        log = LineLog(LogFiles(directory: stateDirectory, name: "audit.log", rules: rules))
        loop.whenIdle { [weak self] in self?.writeReadings() }
    }

    package func remove() { log.remove() }

    /// Writes an entry. A write error does not delay the request; health reports it.
    func note(_ entry: AuditEntry) {
        writeReadings()
        write(entry)
        guard case .refused(let failure) = entry.result else { return }
        refused(entry.request, failure, entry.requester)
    }

    /// Writes the entry of a request that has changed nothing, a moment later. It is lost if the worker is killed
    /// before that.
    func note(reading entry: AuditEntry) {
        readings.append(entry)
        if readings.count >= Limits.auditReadings { writeReadings() }
    }

    private func writeReadings() {
        guard !readings.isEmpty else { return }
        for entry in readings { write(entry) }
        readings.removeAll(keepingCapacity: true)
    }

    private func write(_ entry: AuditEntry) {
        Log.note("\(entry.request)\(entry.requester.map { " of \($0)" } ?? ""): \(entry.word)", .debug)
        let line = entry.json.printed()
        write(line)
        publish?(line)
    }

    /// Tries to write again, and writes how many lines are missing.
    package func lookAgain() {
        writeReadings()
        tryAgain()
    }

    private func tryAgain() {
        guard trouble != nil else { return }
        do {
            try log.append(
                JSON.object([.init("time", .number(WallClock.now)), .init("missed", .number(missed))]).printed())
            (trouble, missed) = (nil, 0)
        } catch {
            trouble = error
        }
    }

    private func write(_ line: [UInt8]) {
        tryAgain()
        do {
            if trouble == nil { try log.append(line) } else { missed += 1 }
        } catch {
            trouble = error
            missed += 1
        }
    }
}
