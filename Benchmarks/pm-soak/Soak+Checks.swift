import TestSupport

/// Looking whether all is as the model says, when nothing is under way.
extension Soak {
    /// Waits until every process has been seen as it should be once: those that end and start by themselves are never all
    /// at rest.
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

    /// Whether what is wrong is that something is there twice, or gone.
    private func count(_ name: String, _ seen: Observation) {
        guard let run = slots[name]?.run else { return }
        if seen.marked[name]?.count ?? 0 > run.size { tally.doubled += 1 }
        let entry = seen.entries[name]
        let isEnded = ["exited", "failed"].contains(entry?["state"]?.string)
        if entry == nil || isEnded && entry?["exit_code"] == nil { tally.lost += 1 }
    }

    private func objection(_ name: String, _ seen: Observation) async throws -> String? {
        let entry = seen.entries[name]
        if slots[name]?.isDoubtful == true {
            guard let run = try await presentRun(name, isKnown: entry != nil) else { return "has an unknown config" }
            slots[name]?.adopt(run, entry)
        }
        guard let slot = slots[name] else { return nil }
        let pids = seen.marked[name] ?? []
        return slot.objection(to: entry, pids) ?? seen.difference(of: name) ?? logObjection(slot, entry)
    }

    /// What the agent says it runs; `.some(nil)` when it says that there is no such process.
    private func presentRun(_ name: String, isKnown: Bool) async throws -> Run?? {
        guard isKnown else { return .some(nil) }
        let process = try await setting.result("get_process", #"{"process_id":"\#(name)"}"#)["process"]
        guard let mark = process?["config"]?["env"]?["PM_SOAK"]?.string,
            let number = mark.split(separator: ".").last.flatMap({ Int($0) }), let run = runs[number]
        else { return nil }
        return .some(run)
    }

    private func logObjection(_ slot: Slot, _ entry: JSONValue?) -> String? {
        // Without room on the disk, or descriptors, what processes say is dropped, as docs/supervision.md promises.
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

    /// What should not be there at all.
    private func strangers(_ seen: Observation) -> [String] {
        var objections = seen.zombies.map { "\($0) is a zombie under the keeper" }
        for (name, pids) in seen.marked where slots[name] == nil { objections.append("\(name) still runs: \(pids)") }
        for (name, entry) in seen.entries where slots[name] == nil {
            if entry["state"]?.string != "exited" { objections.append("\(name) has not ended: \(entry)") }
        }
        return objections
    }

    /// Those that were started in the old dialect are asked for by pid.
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
