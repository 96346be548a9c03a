import TestSupport

/// The model of one process id: what the soak expects the agent to say about it.
///
/// ``Soak`` passes each answer and each fault to the slot. From them the slot derives what the agent must know, what
/// may have ended the process, and whether the answer to a request was right. When a fault may have swallowed a
/// request, the slot becomes doubtful: it has no expectations until it adopts what the agent reports at the next
/// checkpoint.
struct Slot: Sendable {
    let name: String
    /// Nil if the agent should not know the process.
    private(set) var run: Run?
    private(set) var isWanted = false
    /// The pid in the last answer; nil if there was none or it may have changed.
    private(set) var pid: Int?
    /// Signals that may have ended the process.
    private var signals: Set<Int> = []
    /// Whether it was certainly killed.
    private var isKilled = false
    private var hasLostMembers = false
    /// Whether it may have ended while no agent ran, so that its exit code is unknown.
    private(set) var hasOutlivedAgent = false
    /// Whether a start may have failed for lack of a resource.
    private var mayHaveFailed = false
    /// Whether a fault may have swallowed a request, so that it is unknown if the request was carried out.
    private(set) var isMismatched = false
    /// Whether a request about it has no answer yet.
    var isBusy = false

    init(_ name: String) { self.name = name }

    // MARK: Events

    mutating func started(_ run: Run, pid: Int?) {
        self = Slot(name)
        self.run = run
        self.pid = pid
        isWanted = true
    }

    mutating func reset(pid: Int?) {
        guard let run, !isMismatched else { return }
        started(run, pid: pid)
    }

    mutating func stopped() {
        // SIGTERM, then SIGKILL.
        signals.formUnion([9, 15])
        isWanted = false
    }

    mutating func forgotten() { self = Slot(name) }

    mutating func signaled(_ number: Int) { signals.insert(number) }

    mutating func killed() {
        signals.insert(9)
        isKilled = true
    }

    mutating func lostMember() { hasLostMembers = true }
    mutating func lackedSomething() { mayHaveFailed = true }
    mutating func outlivedAgent() { hasOutlivedAgent = true }

    mutating func doubt() {
        isBusy = false
        isMismatched = true
    }

    /// Takes over the state that the agent reports, and is not doubtful any more.
    mutating func adopt(_ run: Run?, _ entry: JSONValue?) {
        let mayHaveFailed = mayHaveFailed
        self = Slot(name)
        self.run = run
        self.mayHaveFailed = mayHaveFailed
        isWanted = entry?["want"]?.string == "up"
        pid = entry?["pid"]?.integer
        signals = [1, 9, 10, 15]
        hasLostMembers = true
        hasOutlivedAgent = true
    }

    // MARK: Expectations

    /// Whether a stop must succeed and a start must be refused because the name is in use.
    var isSurelyUp: Bool {
        guard let run, !isMismatched, !mayHaveFailed, isWanted else { return false }
        return run.kind.isKept || run.kind.lasts && signals.isEmpty
    }

    /// Whether it must have no process.
    var isSurelyDown: Bool { !isMismatched && (run == nil || !isWanted) }
    var isSurelyKnown: Bool { !isMismatched && run != nil }
    var isSurelyUnknown: Bool { !isMismatched && run == nil }

    /// Describes what is wrong at a checkpoint, when no request is open; nil if the state is as expected.
    ///
    /// - Parameters:
    ///   - entry: the agent's entry of the process.
    ///   - pids: its processes in /proc.
    func objection(to entry: JSONValue?, _ pids: [Int]) -> String? {
        guard let run else {
            if let entry { return "exists, but should not: \(entry)" }
            return pids.isEmpty ? nil : "was removed, but still has processes \(pids)"
        }
        guard let entry, let state = entry["state"]?.string else { return "is missing (\(run.kind))" }
        if pids.count > run.size { return "has \(pids.count) processes instead of \(run.size): \(pids), \(entry)" }
        let isUp = ["running", "starting", "backoff", "stopping"].contains(state)
        if mayHaveFailed, state == "failed", pids.isEmpty { return nil }
        if !isUp, !pids.isEmpty { return "has ended, but still has processes \(pids): \(entry)" }
        if !isUp, let objection = exitObjection(entry, run) { return objection }
        guard isWanted else { return isUp ? "is \(state), but was stopped: \(entry)" : nil }
        if run.kind == .flapper { return isUp ? nil : "is \(state), but must always be restarted: \(entry)" }
        if run.kind == .failing { return state == "failed" ? nil : "is \(state) and not failed: \(entry)" }
        guard run.kind.lasts else { return isUp ? "is \(state) and does not end: \(entry)" : nil }
        if !isUp {
            return run.kind.isKept || signals.isEmpty ? "is \(state), but was not ended: \(entry)" : nil
        }
        return upObjection(entry, pids, run)
    }

    private func upObjection(_ entry: JSONValue, _ pids: [Int], _ run: Run) -> String? {
        guard entry["state"]?.string == "running" else { return "is not running: \(entry)" }
        guard let pid = entry["pid"]?.integer, pids.contains(pid) else { return "runs as \(pids), not as \(entry)" }
        guard !run.kind.isKept else { return nil }
        if isKilled { return "was killed, but runs: \(entry)" }
        if let expected = self.pid, expected != pid { return "had pid \(expected), but now has another: \(entry)" }
        if !hasLostMembers, pids.count < run.size { return "has lost some of its \(run.size): \(pids), \(entry)" }
        return nil
    }

    private func exitObjection(_ entry: JSONValue, _ run: Run) -> String? {
        guard let code = entry["exit_code"]?.integer else {
            return hasOutlivedAgent ? nil : "ended without an exit code: \(entry)"
        }
        let deaths = signals.map { 128 + $0 }
        if !run.kind.lasts, run.exitCode == code || deaths.contains(code) { return nil }
        return deaths.contains(code) ? nil : "ended with \(code), not \(run.exitCode) or one of \(deaths): \(entry)"
    }
}
