import TestSupport

/// Requests with `apply`, for the whole host, while no other request is open.
extension Soak {
    /// Applies an empty list, and checks that the agent keeps no processes and no descriptors.
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
                    && now.workerFiles <= base.workerFiles && now.workerSlots <= Footprint.mostSlots
            }
        } catch {
            let left = Marked.processes(of: tag).map { ($0.slot, $0.process.pid) }
            violate("an agent without processes has \(Footprint(setting.agent)), not \(base); left: \(left)")
            let worker = setting.agent.worker?.descriptors.sorted { $0.key < $1.key } ?? []
            Report.line("  worker: \(worker.map { "\($0.key) \($0.value)" }.joined(separator: ", "))")
            reportEnds(of: Set(worker.map(\.value).filter { $0.hasPrefix("pipe:") }))
        }
        footprints.append(Footprint(setting.agent))
        checkMemory()
    }

    /// Tells which other processes have the pipes of the worker open.
    private func reportEnds(of pipes: Set<String>) {
        let own = setting.agent.worker?.pid
        for process in SystemProcess.all where process.pid != own {
            let shared = pipes.intersection(process.descriptors.values)
            if !shared.isEmpty { Report.line("  \(process.pid) \(process.arguments) has \(shared.sorted())") }
        }
    }

    /// Applies a random list: some processes as they are, some new ones, the rest removed. Sometimes the worker is
    /// killed meanwhile.
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

    /// Compares the changes in the answer to `apply` with those that the model expects.
    private func check(_ result: JSONValue, _ wanted: [String: Run]) {
        func names(_ key: String) -> Set<String> { Set(result[key]?.array?.compactMap(\.string) ?? []) }
        let (started, reset, removed, unchanged) = (
            names("started"), names("reset"), names("removed"), names("unchanged")
        )
        if result["failed"]?.array?.isEmpty != true { violate("apply failed: \(result["failed"] ?? .null)") }
        if started.union(reset).union(unchanged) != Set(wanted.keys) { violate("apply is incomplete: \(result)") }
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
            if !isRight { violate("apply lists \(name) as \(lists), wanted \(wanted[name] != nil)", about: name) }
        }
    }

    /// Checks that keeper and worker do not grow. The worker may keep the ends of processes: 200 bytes per request.
    private func checkMemory() {
        guard let first = footprints.first, let last = footprints.last else { return }
        let remembered = 200 * tally.requests
        if last.keeperMemory > first.keeperMemory + 1 << 20 { violate("the keeper has grown from \(first) to \(last)") }
        if last.workerMemory > first.workerMemory + 2 << 20 + remembered {
            violate("the worker has grown from \(first) to \(last)")
        }
    }
}
