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

    /// Why it is as it is, or how far it has come.
    static func detail(_ state: JSON) -> String? {
        if let reason = state["reason"]?.string { return reason }
        guard let stage = state["stage"]?.string.flatMap(InstanceStage.init) else { return nil }
        return switch stage {
        case .clearing: "its last run is cleared away"
        case .launching: "its host is asked"
        case .booting: "booting"
        case .process: "up, its process is started"
        }
    }
}
