import Model

extension AgentFoundation {
    /// Stops all that the agent has started; called again, it waits for no grace period.
    ///
    /// - Parameter then: gets what lives still, which the next agent is told by the journal; nil when nothing does.
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

    /// What lives of what the agent has started, some of it by name; nil when nothing does.
    var survivors: String? {
        let survivors = supervisor.survivors
        let rest = survivors.count - Limits.listedProcesses
        let list = survivors.prefix(Limits.listedProcesses).joined(separator: ", ")
        return survivors.isEmpty ? nil : rest > 0 ? "\(list) and \(rest) more" : list
    }
}
