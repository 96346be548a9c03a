import Model

extension Fleet {
    /// The current state, as changes. Ended processes are left out.
    var present: [Change] {
        all.flatMap { host -> [Change] in
            guard let isOnline = host.isOnline else { return [] }
            let status = Change(host.name, .status(isOnline: isOnline), isNews: true)
            // The last reports of an offline host are out of date.
            return isOnline ? [status] + health(of: host) + processes(of: host) : [status]
        }
    }

    private func health(of host: HostReport) -> [Change] {
        guard let health = host.health else { return [] }
        return [Change(host.name, host.isKnownStale ? .stale : .health(health), isNews: true)]
    }

    private func processes(of host: HostReport) -> [Change] {
        host.processes.filter { !$0.value.isEnded }.sorted { $0.key < $1.key }
            .map { Change(host.name, .process($0.key, $0.value), isNews: true) }
    }
}
