import Glibc
import TestSupport

/// pm-agent, controlled over MQTT.
final class AgentPeer: Peer {
    let name = "pm-agent"
    private let setting: AgentSetting
    private let workload: Workload
    private var load: Load

    var root: pid_t { setting.agent.pid }
    var ownProcesses: [pid_t] { setting.processes }

    init(_ workload: Workload) throws {
        self.workload = workload
        setting = try AgentSetting()
        load = setting.load
    }

    var queries: [Query] {
        [
            query(.brief, "list_active_processes", #"{"list_active_processes":{}}"#, mark: ""),
            query(.full, "get_processes", #"{"method":"get_processes"}"#, mark: #""running""#),
        ]
    }

    /// One request per process, all of them sent before the first answer.
    func startAll() throws {
        let words = workload.command.map { "\"\($0)\"" }.joined(separator: ",")
        let config = #"{"command":[\#(words)],"restart":{"policy":"always","delay":0,"start_limit":0}}"#
        let request = Request(
            topic: AgentSetting.control,
            payload: Array(#"{"method":"start_process","args":{"config":\#(config)}}"#.utf8))
        _ = try load.measure(
            request, answers: AgentSetting.response, count: workload.count, window: workload.count, qos: 1)
    }

    func connect() throws { load = try Load(socket: setting.broker.socket, subscriptions: [AgentSetting.response]) }

    func end() { setting.end() }

    private func query(_ kind: Query.Kind, _ name: String, _ request: String, mark: String) -> Query {
        let request = Request(topic: AgentSetting.control, payload: Array(request.utf8))
        return Query(kind: kind, name: name, mark: mark) { [unowned self] in
            try load.ask(request, answers: AgentSetting.response)
        }
    }
}
