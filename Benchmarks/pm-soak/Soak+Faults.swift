import Glibc
import TestSupport

/// The faults: deaths of worker, agent, keeper, broker and supervised processes.
extension Soak {
    func killWorker() {
        guard let worker = setting.agent.worker else { return }
        tally.workers += 1
        begin(outage: "the worker's death")
        worker.kill()
    }

    /// Kills keeper and worker at once.
    ///
    /// - Parameter milliseconds: the time until the agent is started again.
    func killAgent(after milliseconds: Int) async throws {
        tally.agents += 1
        begin(outage: "the agent's death")
        setting.agent.kill()
        try await startAgain(after: milliseconds)
    }

    /// Kills the keeper alone. The worker notices that and ends in order.
    func killKeeper() async throws {
        guard let worker = setting.agent.worker else { return }
        tally.keepers += 1
        begin(outage: "the keeper's death")
        SystemProcess(setting.agent.pid).kill()
        try await reach("the worker's end after the keeper's") { [nil, "Z", "X"].contains(worker.state) }
        setting.agent.kill()
        try await startAgain(after: 0)
    }

    private func startAgain(after milliseconds: Int) async throws {
        try await pause(.milliseconds(milliseconds))
        for name in slots.keys { slots[name]?.outlivedAgent() }
        oneShots = [:]
        try setting.agent.start()
        filesWereRead()
    }

    func killBroker(for milliseconds: Int) async throws {
        tally.brokers += 1
        brokerDied()
        setting.broker.kill()
        try await pause(.milliseconds(milliseconds))
        try await setting.broker.start()
        try await setting.reconnect()
    }

    func brokerDied() { begin(outage: "the broker's death") }

    /// Sends SIGKILL to one process of a slot: the main process or a descendant.
    func killMember(of name: String, _ number: Int) {
        guard slots[name]?.isBusy == false else { return }
        let members = Marked.processes(of: tag).filter { $0.slot == name }.sorted { $0.process.pid < $1.process.pid }
        guard !members.isEmpty else { return }
        tally.members += 1
        slots[name]?.signaled(9)
        slots[name]?.lostMember()
        let victim = members[number % members.count].process
        note("killed \(victim.pid) of \(members.map(\.process.pid))", of: name)
        victim.kill()
    }

    // MARK: Outages

    func begin(outage what: String) {
        faults += 1
        for name in slots.keys { note(what, of: name) }
        outage = Outage(what: what, since: .now, probedAt: .now - .seconds(1))
    }

    func endOutage() {
        outage = nil
        outageEnd = .now
    }

    /// Asks through the hub whether the agent is back, because the hub must know it too.
    func probe() {
        guard let outage, .now - outage.probedAt > .milliseconds(50) else { return }
        self.outage?.probedAt = .now
        let text = #"{"host_name":"\#(setting.host)","method":"get_health"}"#
        if let topic = try? setting.send(text, isRouted: true) { self.outage?.probes.insert(topic) }
    }

    func settleOutage() async throws {
        while let outage {
            guard .now - outage.since < outagePatience else {
                throw TestError("no answer after \(outage.what), but \(outage.refusal)")
            }
            try hear()
            try await pause(.milliseconds(2))
        }
    }
}
