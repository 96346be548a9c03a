import Model

extension AgentFoundation {
    /// Stops everything that the agent has started. A second call ends all grace periods.
    ///
    /// - Parameter then: called with a list of what still runs, which the journal passes on to the next agent; nil when
    ///   nothing does.
    func end(then: @escaping (_ survivors: String?) -> Void) {
        pool.close()
        supervisor.stopAll { [self] in supervisor.endStrays { [self] in pool.awaitEmpty { [self] in close(then) } } }
    }

    private func close(_ then: @escaping (_ survivors: String?) -> Void) {
        let survivors = survivors
        guard survivors == nil else {
            stateStore.note(strays: supervisor.strays.left)
            return then(survivors)
        }
        clear()
        stateStore.close { then(nil) }
    }

    /// What still runs of what the agent has started: the first ``Limits/listedProcesses`` by name, the rest as a
    /// number; nil when nothing does.
    var survivors: String? {
        let survivors = supervisor.survivors
        let rest = survivors.count - Limits.listedProcesses
        let list = survivors.prefix(Limits.listedProcesses).joined(separator: ", ")
        return survivors.isEmpty ? nil : rest > 0 ? "\(list) and \(rest) more" : list
    }
}
