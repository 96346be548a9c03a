import JSONCodec
import Model

/// A node or VM in a line: where it is, and how far it has come.
enum InstanceLine {
    /// - Parameter state: as pm-cluster retains it.
    static func text(_ id: HostName, _ state: JSON) -> String {
        let word = state["state"]?.string ?? "in no state"
        let host = state["host"]?.string.map { " on \($0)" } ?? ""
        return "\(id) is \(word)\(host)\(detail(state).map { ": \($0)" } ?? "")"
    }

    /// How its process has ended, where it has.
    private static func end(_ state: JSON) -> String? {
        let code = state["exit_code"]?.integer.map { " with exit code \($0)" } ?? ""
        guard let word = state["process_state"]?.string, ["exited", "failed", "backoff"].contains(word) else {
            return nil
        }
        return "its process has ended\(code)" + (word == "exited" ? "" : " (\(word))")
    }

    /// Why it is as it is, or how far it has come.
    static func detail(_ state: JSON) -> String? {
        let known = [state["reason"]?.string, end(state)].compactMap(\.self)
        if !known.isEmpty { return known.joined(separator: "; ") }
        guard let stage = state["stage"]?.string.flatMap(InstanceStage.init) else { return nil }
        return switch stage {
        case .clearing: "its last run is cleared away"
        case .launching: "its host is asked"
        case .booting: "booting"
        case .process: "up, its process is started"
        }
    }
}
