import TestSupport

/// Checks that the observed state matches the model, while no request is open.
extension Soak {
    /// Waits until each process has been seen in its expected state once. Not all at the same time: some processes end
    /// and are restarted all the time.
    func agree() async throws {
        let watcher = try await RetainedWatcher(setting)
        let deadline = ContinuousClock.now + Self.patience
        var open = Set(slots.keys)
        while true {
            let seen = try await Observation.take(self, watcher)
            var objections: [String: String] = [:]
            for name in open { objections[name] = try await objection(name, seen) }
            open = Set(objections.keys)
            let strangers = strangers(seen)
            if open.isEmpty, strangers.isEmpty { return }
            guard .now < deadline else {
                for (name, objection) in objections {
                    count(name, seen)
                    violate("\(name) \(objection)", about: name)
                    slots[name]?.doubt()
                }
                for stranger in strangers { violate(stranger) }
                return
            }
            try await pause(.milliseconds(20))
        }
    }

    /// Counts a process with too many processes as doubled, and one that is missing or without exit code as lost.
    private func count(_ name: String, _ seen: Observation) {
        guard let run = slots[name]?.run else { return }
        if seen.marked[name]?.count ?? 0 > run.size { tally.doubled += 1 }
        let entry = seen.entries[name]
        let isEnded = ["exited", "failed"].contains(entry?["state"]?.string)
        if entry == nil || isEnded && entry?["exit_code"] == nil { tally.lost += 1 }
    }

    private func objection(_ name: String, _ seen: Observation) async throws -> String? {
        let entry = seen.entries[name]
        if slots[name]?.isMismatched == true, entry == nil { slots[name]?.adopt(nil, nil) }
        if slots[name]?.isMismatched == true {
            let config = try await setting.result("get_process", #"{"process_id":"\#(name)"}"#)["process"]?["config"]
            if config?["command"]?.array?.first?.string == Question.missing {
                // The worker died before it could report that the start has failed.
                _ = try await setting.result("remove_process", #"{"process_id":"\#(name)"}"#)
                return "is of a start that was cut short"
            }
            guard let run = run(with: config) else { return "has an unknown config: \(config ?? .null)" }
            slots[name]?.adopt(run, entry)
        }
        guard let slot = slots[name] else { return nil }
        let pids = seen.marked[name] ?? []
        return slot.objection(to: entry, pids) ?? seen.difference(of: name) ?? logObjection(slot, entry)
    }

    /// The run that has this config; nil if none has.
    private func run(with config: JSONValue?) -> Run? {
        let number = config?["env"]?["PM_SOAK"]?.string?.split(separator: ".").last.flatMap { Int($0) }
        return number.flatMap { runs[$0] }
    }

    private func logObjection(_ slot: Slot, _ entry: JSONValue?) -> String? {
        // Without disk space or descriptors the agent drops output, as documented in docs/supervision.md.
        guard slot.name.hasPrefix("w"), let run = slot.run, shortages == 0 else { return nil }
        let log = NumberedLog(slot.name, setting.agent)
        let mayEndEarly = tally.agents + tally.keepers > 0
        if let gap = log.gap(isComplete: run.keepsAllLines, mayEndEarly: mayEndEarly) {
            return "has a log where \(gap)"
        }
        let isDone = run.kind == .counter && entry?["exit_code"]?.integer == run.exitCode && !slot.hasOutlivedAgent
        guard isDone, entry?["state"]?.string == "exited", log.last != Kind.count else { return nil }
        return "has written \(Kind.count) lines, but its log ends with \(log.last ?? 0)"
    }

    /// Zombies, processes and entries that should not exist.
    private func strangers(_ seen: Observation) -> [String] {
        var objections = seen.zombies.map { "\($0) is a zombie under the keeper" }
        for (name, pids) in seen.marked where slots[name] == nil { objections.append("\(name) still runs: \(pids)") }
        for (name, entry) in seen.entries where slots[name] == nil {
            if entry["state"]?.string != "exited" { objections.append("\(name) has not ended: \(entry)") }
        }
        return objections
    }

    /// Checks the exit codes of the processes that were started in BlueZero's dialect, by pid.
    func askForExits() async throws {
        for (pid, code) in oneShots.sorted(by: { $0.key < $1.key }) {
            let answer = try await setting.ask(#"{"query_process_status":{"pid":\#(pid)}}"#)["query_process_status"]
            if answer?["exit_code"]?.integer != code {
                tally.lost += 1
                violate("\(pid) ended with \(code), but the agent says \(answer ?? .null)")
            }
        }
        oneShots = [:]
    }
}
