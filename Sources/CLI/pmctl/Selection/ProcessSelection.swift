import Model
import Wire

/// Which processes on which hosts a command is for, as its arguments say.
struct ProcessSelection {
    let hosts: HostChoice
    let processes: ProcessChoice

    init(_ host: HostPattern, _ processes: [ProcessPattern], _ options: SelectionOptions) {
        hosts = HostChoice(patterns: [host], labels: options.labels.label)
        self.processes = ProcessChoice(patterns: processes, isAll: options.all)
    }

    /// Whether the arguments can denote several processes. Then each has a line, also if it is only one.
    var isMany: Bool { hosts.only == nil || processes.needsList || processes.patterns.count > 1 }

    /// The topics that tell hosts and processes.
    var filters: [String] { hosts.filters + processFilters }

    private var processFilters: [String] {
        guard let host = hosts.only else { return [Topic.everyProcess] }
        guard !processes.needsList else { return [Topic.everyProcess(of: host)] }
        return processes.patterns.compactMap { pattern in
            if case .reference(.id(let id)) = pattern { "\(Topic.process(host, id))" } else { nil }
        }
    }
}
