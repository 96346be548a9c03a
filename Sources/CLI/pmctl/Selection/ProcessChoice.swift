import Model
import Wire

/// The processes that a command is for, on the chosen hosts. Pure.
struct ProcessChoice {
    struct Target {
        let host: HostName
        let process: ProcessReference
        /// What the host's agent has left of it with the broker; nil if that is not known.
        let report: ProcessReport?
    }

    let patterns: [ProcessPattern]
    /// Whether every process is meant.
    let isAll: Bool

    /// Whether the processes of the hosts have to be known.
    var needsList: Bool { isAll || !patterns.allSatisfy(\.isPlain) }

    /// - Parameter applies: which processes of a pattern or of all the command is for. One that is named is always
    ///   taken: the agent answers if it is not.
    /// - Returns: the processes by host, and one failure for each host that is offline and each pattern without a
    ///   process.
    func targets(
        on hosts: [HostReport], where applies: (ProcessReport) -> Bool
    ) -> (targets: [Target], failures: [CommandError]) {
        let online = hosts.filter { $0.isOnline == true }
        var failures: [CommandError] = hosts.filter { $0.isOnline != true }.map {
            .failed("host offline: \($0.name)", .offline)
        }
        let targets = online.flatMap { host in self.targets(on: host, where: applies) }
        for case .glob(let glob) in patterns where !online.isEmpty {
            let isFound = online.contains { host in host.processes.keys.contains { glob.matches($0.description) } }
            guard !isFound else { continue }
            let place = online.count == 1 ? "\(online[0].name)" : "\(online.count) hosts"
            failures.append(.failed("no process matches \(glob) on \(place)", .missing))
        }
        return (targets, failures)
    }

    private func targets(on host: HostReport, where applies: (ProcessReport) -> Bool) -> [Target] {
        var targets: [Target] = []
        for pattern in patterns {
            switch pattern {
            case .reference(let process): add(process, of: host, to: &targets)
            case .glob(let glob):
                for id in ids(of: host, where: applies) where glob.matches(id.description) {
                    add(.id(id), of: host, to: &targets)
                }
            }
        }
        if isAll { for id in ids(of: host, where: applies) { add(.id(id), of: host, to: &targets) } }
        return targets
    }

    private func ids(of host: HostReport, where applies: (ProcessReport) -> Bool) -> [Name] {
        host.processes.filter { applies($0.value) }.keys.sorted()
    }

    private func add(_ process: ProcessReference, of host: HostReport, to targets: inout [Target]) {
        guard !targets.contains(where: { $0.process == process }) else { return }
        targets.append(Target(host: host.name, process: process, report: host.report(of: process)))
    }
}

extension HostReport {
    fileprivate func report(of process: ProcessReference) -> ProcessReport? {
        switch process {
        case .id(let id): processes[id]
        case .pid: processes.values.first { $0.matches(process) }
        }
    }
}
