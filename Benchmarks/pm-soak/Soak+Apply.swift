import TestSupport

/// Bringing the whole host to something, with nothing else under way.
extension Soak {
    /// Nothing at all: then the agent holds nothing, either.
    func empty() async throws {
        let result = try await setting.result("apply", #"{"processes":[]}"#)
        check(result, [:])
        for name in slots.keys { slots[name]?.forgotten() }
        let base = base ?? Footprint(setting.agent)
        self.base = base
        do {
            try await reach("an empty agent") {
                let now = Footprint(setting.agent)
                return Marked.processes(of: tag).isEmpty && now.keeperFiles <= base.keeperFiles
                    && now.workerFiles <= base.workerFiles
            }
        } catch {
            let left = Marked.processes(of: tag).map { ($0.slot, $0.process.pid) }
            violate("an empty agent has \(Footprint(setting.agent)), not \(base); and \(left)")
            let worker = setting.agent.worker?.descriptors.sorted { $0.key < $1.key } ?? []
            Report.line("  worker: \(worker.map { "\($0.key) \($0.value)" }.joined(separator: ", "))")
        }
        footprints.append(Footprint(setting.agent))
        checkMemory()
    }

    /// Some as they are, some new ones, and none of the others; sometimes the worker dies meanwhile.
    func applyRandomly() async throws {
        swap(&seed, &checkpointSeed)
        defer { swap(&seed, &checkpointSeed) }
        var wanted: [String: Run] = [:]
        for name in names where Bool.random(using: &seed) {
            let new = newRun(in: name)
            let old = Bool.random(using: &seed) ? slots[name]?.run : nil
            wanted[name] = old ?? new
        }
        let configs = wanted.values.sorted { $0.number < $1.number }.map { $0.config(tag: tag, program: program) }
        let arguments = #"{"processes":[\#(configs.joined(separator: ","))]}"#
        guard Int.random(in: 0..<3, using: &seed) > 0 else {
            _ = try setting.send(#"{"method":"apply","args":\#(arguments)}"#, isRouted: false)
            try await pause(.milliseconds(Int.random(in: 0..<50, using: &seed)))
            for name in names { slots[name]?.doubt() }
            killWorker()
            return
        }
        check(try await setting.result("apply", arguments), wanted)
        for name in slots.keys {
            guard let run = wanted[name] else {
                slots[name]?.forgotten()
                continue
            }
            if slots[name]?.isSurelyUp != true || slots[name]?.run?.number != run.number {
                slots[name]?.started(run, pid: nil)
            }
        }
    }

    /// Compares the difference that an `apply` tells with the one that the model sees.
    private func check(_ result: JSONValue, _ wanted: [String: Run]) {
        func names(_ key: String) -> Set<String> { Set(result[key]?.array?.compactMap(\.string) ?? []) }
        let (started, reset, removed, unchanged) = (
            names("started"), names("reset"), names("removed"), names("unchanged")
        )
        if result["failed"]?.array?.isEmpty != true { violate("apply failed: \(result["failed"] ?? .null)") }
        if started.union(reset).union(unchanged) != Set(wanted.keys) { violate("apply has not done all: \(result)") }
        for (name, slot) in slots {
            let isSame = slot.run?.number == wanted[name]?.number
            let isRight =
                switch (slot.run != nil, wanted[name] != nil) {
                case (false, false): !removed.contains(name)
                case (true, false): removed.contains(name)
                case (false, true): started.contains(name)
                case (true, true):
                    slot.isSurelyUp && isSame
                        ? unchanged.contains(name)
                        : slot.isSurelyDown || !isSame ? reset.contains(name) : !started.contains(name)
                }
            let lists = ["started", "reset", "updated", "removed", "unchanged"].filter { names($0).contains(name) }
            if !isRight { violate("apply did \(lists) with \(name), wanted \(wanted[name] != nil)", about: name) }
        }
    }

    /// It may remember how processes ended, but nothing else for each request.
    private func checkMemory() {
        guard let first = footprints.first, let last = footprints.last else { return }
        let remembered = 200 * tally.requests
        if last.keeperMemory > first.keeperMemory + 1 << 20 { violate("the keeper has grown from \(first) to \(last)") }
        if last.workerMemory > first.workerMemory + 2 << 20 + remembered {
            violate("the worker has grown from \(first) to \(last)")
        }
    }
}
