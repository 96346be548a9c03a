/// The methods an agent answers, and the words of their answers, which are the users' own.
package enum Method: String, Sendable, CaseIterable {
    case startProcess = "start_process"
    case killProcess = "kill_process"
    case resetProcess = "reset_process"
    case getHealth = "get_health"
    case getProcesses = "get_processes"

    /// Nil where the answer has no message.
    var successMessage: String? {
        switch self {
        case .startProcess: "process started successfully"
        case .killProcess: "process kill successfully"
        case .resetProcess: "process reset successfully"
        case .getHealth, .getProcesses: nil
        }
    }

    var failureMessage: String {
        switch self {
        case .startProcess: "process failed to start"
        case .killProcess: "process failed to be killed"
        case .resetProcess: "process failed to be reset"
        case .getHealth, .getProcesses: "unable to get health"
        }
    }

    /// The message of a failed answer to whatever was asked.
    static func failureMessage(for method: String?) -> String {
        guard let method else { return "malformed request" }
        return Method(rawValue: method)?.failureMessage ?? "unknown method"
    }
}
