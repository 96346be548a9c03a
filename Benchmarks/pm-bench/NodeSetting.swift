import CBench
import Glibc
import LinuxSystem
import TestSupport

/// A broker, an agent that runs nodes, and a pm-cluster.
final class NodeSetting {
    private static let response = "pm/cluster/node/response"

    private let host: AgentSetting
    private let cluster: ChildProcess
    private let load: Load

    /// - Parameter spares: the number of nodes that the agent prestarts.
    init(spares: Int) throws {
        host = try AgentSetting(#"{"node_spares":\#(spares),"vm_image":"none"}"#)
        let folder = host.broker.folder.path
        cluster = try ChildProcess(
            [try Binaries.find("pm-cluster"), "--broker", host.broker.url, "--state-dir", "\(folder)/cluster"],
            log: "\(folder)/cluster.log")
        load = try Load(
            socket: host.broker.socket, subscriptions: [Self.response, "pm/cluster/status", "pm/cluster/node/health"])
        try load.await("pm/cluster/status", payload: "online")
        try load.settle(seconds: 1)
    }

    func end() {
        cluster.end(with: SIGTERM)
        host.end()
    }

    /// Seconds of a start of `/bin/true` plus one MQTT connect.
    func yardstick() throws -> Double {
        var seconds = 0.0
        let start = bench_spawn_loop(1, &seconds), connect = bench_connect(host.broker.socket)
        guard start > 0, connect > 0 else { throw BenchError("no yardstick") }
        return start + connect
    }

    /// - Returns: seconds until the answer.
    func ask(_ method: String, _ number: Int) throws -> Double {
        let text = #"{"method":"\#(method)","args":{"node_id":"node-\#(number)"}}"#
        let begin = Instant.now
        let answer = try load.ask(
            Request(topic: "pm/cluster/node/control", payload: Array(text.utf8)), answers: Self.response)
        let seconds = (Instant.now - begin).inSeconds
        let result = try JSONValue(String(decoding: answer, as: UTF8.self))["result"]
        guard result?["status"] == "success" else {
            throw BenchError("\(method): \(String(decoding: answer, as: UTF8.self))")
        }
        return seconds
    }

    /// Waits until the host has a prestarted node.
    func awaitSpare() throws {
        // Without the pause, the retained info could be from before the last prestarted node was used.
        try load.settle(seconds: 1)
        let topic = "pm/bench/info"
        _ = try Load(socket: host.broker.socket, subscriptions: [topic]).await(topic, within: 20) { info in
            (try? JSONValue(info))?["drivers"]?["node"]?["parked"] == 1
        }
    }

    /// Bytes.
    var clusterMemory: Double { get throws { try ProcessUsage.resident([cluster.pid]) } }

    /// Proportional bytes (PSS) of keeper and worker of the prestarted node.
    var spareMemory: Double {
        get throws {
            let spares = SystemProcess(Int(host.agent.pid)).children.filter { $0.arguments.contains("--spare") }
            let latest = spares.max { ($0.startTime ?? 0, $0.pid) < ($1.startTime ?? 0, $1.pid) }
            guard let latest else { throw BenchError("no spare") }
            return try ProcessUsage.proportional(([latest] + latest.children).map { pid_t($0.pid) })
        }
    }
}
