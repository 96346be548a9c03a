import JSONCodec
package import LinuxSystem
import Logs
import Model

/// Writes down every request that was carried out or refused: a line each, in `audit.log` of the state directory.
package final class AuditLog {
    private let log: LineLog
    /// Why lines are missing; nil while all are there.
    package private(set) var trouble: SystemError?
    /// Lines lost since `trouble` began, not yet reported.
    private var missed = 0
    /// Is shown each line, too.
    package var publish: (([UInt8]) -> Void)?
    /// Of readings: written when the loop has nothing else to do, so that no answer waits for them.
    private var readings: [AuditEntry] = []

    package init(stateDirectory: String, on loop: EventLoop) {
        var rules = LogRules()
        (rules.maximumSize, rules.files) = (Limits.auditSize, Limits.auditFiles)
        log = LineLog(LogFiles(directory: stateDirectory, name: "audit.log", rules: rules))
        loop.whenIdle { [weak self] in self?.writeReadings() }
    }

    package func remove() { log.remove() }

    /// A request is not held up by what can't be written; health tells of it.
    func note(_ entry: AuditEntry) {
        writeReadings()
        write(entry)
    }

    /// Notes a request that has changed nothing, a moment later; a worker that is killed before that has lost it.
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
        let line = entry.json.printed()
        write(line)
        publish?(line)
    }

    /// Tries to write again, and reports how many lines are missing.
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
