/// The methods of an agent, and the messages of their answers. The wording is part of the protocol.
package enum Method: String, Sendable, CaseIterable {
    case startProcess = "start_process"
    case killProcess = "kill_process"
    case resetProcess = "reset_process"
    case signalProcess = "signal_process"
    case removeProcess = "remove_process"
    case getProcess = "get_process"
    case getProcesses = "get_processes"
    case getHealth = "get_health"
    case getLog = "get_log"
    case followLog = "follow_log"
    case unfollowLog = "unfollow_log"
    case followUsage = "follow_usage"
    case unfollowUsage = "unfollow_usage"
    case apply
    case shutdown

    /// Nil when the answer has no message.
    var successMessage: String? {
        switch self {
        case .startProcess: "process started successfully"
        case .killProcess: "process kill successfully"
        case .resetProcess: "process reset successfully"
        case .signalProcess: "process signaled successfully"
        case .removeProcess: "process removed successfully"
        case .followLog: "log followed successfully"
        case .unfollowLog: "log unfollowed successfully"
        case .followUsage: "usage followed successfully"
        case .unfollowUsage: "usage unfollowed successfully"
        case .apply: "processes applied successfully"
        case .shutdown: "agent is shutting down"
        case .getProcess, .getProcesses, .getHealth, .getLog: nil
        }
    }

    var failureMessage: String {
        switch self {
        case .startProcess: "process failed to start"
        case .killProcess: "process failed to be killed"
        case .resetProcess: "process failed to be reset"
        case .signalProcess: "process failed to be signaled"
        case .removeProcess: "process failed to be removed"
        case .getProcess: "unable to get process"
        case .getHealth, .getProcesses: "unable to get health"
        case .getLog: "unable to get log"
        case .followLog: "log failed to be followed"
        case .unfollowLog: "log failed to be unfollowed"
        case .followUsage: "usage failed to be followed"
        case .unfollowUsage: "usage failed to be unfollowed"
        case .apply: "processes failed to be applied"
        case .shutdown: "agent failed to shut down"
        }
    }

    /// The message of a failed answer; also for unknown methods and requests without a method.
    static func failureMessage(for method: String?) -> String {
        guard let method else { return "malformed request" }
        return Method(rawValue: method)?.failureMessage ?? "unknown method"
    }
}
