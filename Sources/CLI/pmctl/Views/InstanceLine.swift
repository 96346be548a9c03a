import JSONCodec
import Model

/// A node or VM in one line: its host, its state and the progress of its start.
enum InstanceLine {
    /// - Parameter state: the state that pm-cluster retains.
    static func text(_ id: HostName, _ state: JSON) -> String {
        let word = state["state"]?.string ?? "in no state"
        let host = state["host"]?.string.map { " on \($0)" } ?? ""
        return "\(id) is \(word)\(host)\(detail(state).map { ": \($0)" } ?? "")"
    }

    /// How its process has ended; nil if it has not.
    private static func end(_ state: JSON) -> String? {
        let code = state["exit_code"]?.integer.map { " with exit code \($0)" } ?? ""
        guard let word = state["process_state"]?.string, ["exited", "failed", "backoff"].contains(word) else {
            return nil
        }
        return "its process has ended\(code)" + (word == "exited" ? "" : " (\(word))")
    }

    /// The reason for its state, or the stage of its start.
    static func detail(_ state: JSON) -> String? {
        let known = [state["reason"]?.string, end(state)].compactMap(\.self)
        if !known.isEmpty { return known.joined(separator: "; ") }
        guard let stage = state["stage"]?.string.flatMap(InstanceStage.init) else { return nil }
        return switch stage {
        case .clearing: "ending its last run"
        case .launching: "waiting for its host"
        case .booting: "booting"
        case .process: "up, starting its process"
        }
    }
}
