import TestSupport

/// One process id, and what should be of it after all that was answered.
struct Slot: Sendable {
    let name: String
    /// nil when the agent should not know of it.
    private(set) var run: Run?
    private(set) var isWanted = false
    /// As the last answer said; nil when there was none, or it may have changed.
    private(set) var pid: Int?
    /// What it may have died of.
    private var signals: Set<Int> = []
    /// Whether it was surely killed.
    private var isKilled = false
    private var hasLostMembers = false
    /// Whether it may have ended while nobody was there to see how.
    private(set) var hasOutlivedAgent = false
    /// Whether it may have failed to start because something was lacking.
    private var mayHaveFailed = false
    /// A request got no answer because of a fault: who knows whether it was carried out.
    private(set) var isDoubtful = false
    /// Whether a request is under way.
    var isBusy = false

    init(_ name: String) { self.name = name }

    // MARK: What has happened

    mutating func started(_ run: Run, pid: Int?) {
        self = Slot(name)
        self.run = run
        self.pid = pid
        isWanted = true
    }

    mutating func reset(pid: Int?) {
        guard let run, !isDoubtful else { return }
        started(run, pid: pid)
    }

    mutating func stopped() {
        // SIGTERM, and SIGKILL after that.
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
        isDoubtful = true
    }

    /// Ends the doubt: this is what the agent says there is.
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

    // MARK: What follows

    /// Whether a stop must find it, and a start must find its name taken.
    var isSurelyUp: Bool {
        guard let run, !isDoubtful, !mayHaveFailed, isWanted else { return false }
        return run.kind.isKept || run.kind.lasts && signals.isEmpty
    }

    /// Whether nothing of it is there.
    var isSurelyDown: Bool { !isDoubtful && (run == nil || !isWanted) }
    var isSurelyKnown: Bool { !isDoubtful && run != nil }
    var isSurelyUnknown: Bool { !isDoubtful && run == nil }

    /// Says what is wrong once nothing is under way any more; nil when all is as it should be.
    ///
    /// - Parameters:
    ///   - entry: what the agent says.
    ///   - pids: those of its processes that /proc shows.
    func objection(to entry: JSONValue?, _ pids: [Int]) -> String? {
        guard let run else {
            if let entry { return "is there, but should not: \(entry)" }
            return pids.isEmpty ? nil : "is forgotten, but there are \(pids)"
        }
        guard let entry, let state = entry["state"]?.string else { return "is missing (\(run.kind))" }
        if pids.count > run.size { return "has \(pids.count) processes instead of \(run.size): \(pids), \(entry)" }
        let isUp = ["running", "starting", "backoff", "stopping"].contains(state)
        if mayHaveFailed, state == "failed", pids.isEmpty { return nil }
        if !isUp, !pids.isEmpty { return "has ended, but there are \(pids): \(entry)" }
        if !isUp, let objection = exitObjection(entry, run) { return objection }
        guard isWanted else { return isUp ? "is \(state), but was stopped: \(entry)" : nil }
        if run.kind == .flapper { return isUp ? nil : "is \(state), but is always to be started again: \(entry)" }
        if run.kind == .failing { return state == "failed" ? nil : "is \(state) and not failed: \(entry)" }
        guard run.kind.lasts else { return isUp ? "is \(state) and does not end: \(entry)" : nil }
        if !isUp {
            return run.kind.isKept || signals.isEmpty ? "is \(state), but nobody has ended it: \(entry)" : nil
        }
        return upObjection(entry, pids, run)
    }

    private func upObjection(_ entry: JSONValue, _ pids: [Int], _ run: Run) -> String? {
        guard entry["state"]?.string == "running" else { return "is not running: \(entry)" }
        guard let pid = entry["pid"]?.integer, pids.contains(pid) else { return "runs as \(pids), not as \(entry)" }
        guard !run.kind.isKept else { return nil }
        if isKilled { return "was killed, but runs: \(entry)" }
        if let expected = self.pid, expected != pid { return "was \(expected), and is another: \(entry)" }
        if !hasLostMembers, pids.count < run.size { return "has lost some of its \(run.size): \(pids), \(entry)" }
        return nil
    }

    private func exitObjection(_ entry: JSONValue, _ run: Run) -> String? {
        guard let code = entry["exit_code"]?.integer else {
            return hasOutlivedAgent ? nil : "ended nobody knows how: \(entry)"
        }
        let deaths = signals.map { 128 + $0 }
        if !run.kind.lasts, run.exitCode == code || deaths.contains(code) { return nil }
        return deaths.contains(code) ? nil : "ended with \(code), not \(run.exitCode) or one of \(deaths): \(entry)"
    }
}
