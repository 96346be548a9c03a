import Model

extension Command {
    /// The processes that the command is about, for log lines; nil when it is about the whole host.
    package var subject: String? {
        switch self {
        case .start(let spec): spec.name?.description ?? spec.invocation.programName
        case .startAgain(let process), .stop(let process), .reset(let process), .query(let process),
            .getProcess(let process, _), .signal(let process, _), .remove(let process), .getLog(let process, _),
            .followLog(let process, _),
            .unfollowLog(let process, _):
            switch process {
            case .id(let id): id.description
            case .pid(let pid): "\(pid)"
            }
        case .apply(let specs, _): specs.compactMap { $0.name?.description }.joined(separator: " ")
        case .listActive, .getHealth, .getProcesses, .followUsage, .unfollowUsage, .shutdown: nil
        }
    }

    /// Whether the command only ends something. Such requests are accepted even during a flood of other requests.
    package var isEnding: Bool {
        switch self {
        case .stop, .signal, .remove, .shutdown: true
        case .start, .startAgain, .reset, .query, .listActive, .getHealth, .getProcesses, .getProcess, .getLog,
            .followLog,
            .unfollowLog, .followUsage, .unfollowUsage, .apply:
            false
        }
    }
}
