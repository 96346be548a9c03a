import Logs
import Model

/// Why processes are not as they are wanted, as the agent's health lists it.
///
/// `Supervisor` notes each change. The health message is made after every change, so ``reasons(ailment:)`` looks only at
/// what was noted, not at all processes.
final class ProcessHealthReasons {
    private var failures: [Name: String] = [:]
    private var unending: [Name: String] = [:]
    private var unhealthy: Set<Name> = []
    private var logOutages: [Name: [LogStream: LogOutage]] = [:]

    /// - Parameter reason: why a process that is wanted has failed; nil when it has not.
    /// - Returns: whether the process has failed only now.
    func note(failureOf id: Name, _ reason: String?) -> Bool {
        let isNew = failures[id] == nil && reason != nil
        failures[id] = reason
        return isNew
    }

    /// Notes that a process can't be ended.
    ///
    /// - Returns: whether that was not known.
    func note(unending id: Name, _ reason: String) -> Bool { unending.updateValue(reason, forKey: id) == nil }

    func isUnending(_ id: Name) -> Bool { unending[id] != nil }

    func note(healthOf id: Name, isFailing: Bool) {
        if isFailing { unhealthy.insert(id) } else { unhealthy.remove(id) }
    }

    /// - Parameter outage: why the log is not written; nil when it is.
    func note(logOf id: Name, _ stream: LogStream, _ outage: LogOutage?) {
        logOutages[id, default: [:]][stream] = outage
    }

    /// The tree of a process is gone. The log itself says what it does not contain.
    func released(_ id: Name) {
        unending[id] = nil
        logOutages[id] = nil
    }

    /// - Parameter ailment: why the health checks of a process fail.
    /// - Returns: by kind, each kind sorted.
    func reasons(ailment: (Name) -> String?) -> (ended: [String], running: [String]) {
        let ended =
            failures.map { "process \($0.key) failed: \($0.value)" }.sorted()
            + unending.map { "process \($0.key) can't be ended: \($0.value)" }.sorted()
        let running =
            unhealthy.compactMap { id in ailment(id).map { "process \(id) is unhealthy: \($0)" } }.sorted()
            + logOutages.compactMap { id, outages in
                outages.values.first.map { "the log of \(id) is not written: \($0.reason)" }
            }.sorted()
        return (ended, running)
    }
}
