import JSONCodec
package import LinuxSystem
import Logs
import Model

/// Writes down every request that was carried out or refused: a line each, in `audit.log` of the state directory.
package final class AuditLog {
    private let log: LineLog
    /// Why the latest line is missing; nil while all are there.
    package private(set) var trouble: SystemError?
    /// Is shown each line, too.
    package var publish: (([UInt8]) -> Void)?

    package init(stateDirectory: String) {
        var rules = LogRules()
        (rules.maximumSize, rules.files) = (Limits.auditSize, Limits.auditFiles)
        log = LineLog(LogFiles(directory: stateDirectory, name: "audit.log", rules: rules))
    }

    package func remove() { log.remove() }

    /// A request is not held up by what can't be written; health tells of it.
    func note(_ entry: AuditEntry) {
        let line = entry.json.printed()
        do {
            try log.append(line)
            trouble = nil
        } catch {
            trouble = error
        }
        publish?(line)
    }
}
