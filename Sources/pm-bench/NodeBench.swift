import CBench
import Glibc
import LinuxSystem
import TestSupport

/// `create_node` to its answer, through a real broker, pm-cluster and agent, beside a start of `/bin/true` and a connect.
enum NodeBench {
    private static let response = "pm/cluster/node/response"
    private static let many = 100

    static func run(rounds: Int) throws {
        Report.title("create_node, beside a start of /bin/true and one MQTT connect")
        let setting = try AgentSetting()
        defer { setting.end() }
        let folder = setting.broker.folder.path
        let cluster = try ChildProcess(
            [try Binaries.find("pm-cluster"), "--broker", setting.broker.url, "--state-dir", "\(folder)/cluster"],
            log: "\(folder)/cluster.log")
        defer { cluster.end(with: SIGTERM) }
        let load = try Load(
            socket: setting.broker.socket, subscriptions: [response, "pm/cluster/status", "pm/cluster/node/health"])
        try load.await("pm/cluster/status", payload: "online")
        try load.settle(seconds: 1)
        var created: [Double] = []
        var yardsticks: [Double] = []
        for number in 0..<(10 * rounds) {
            yardsticks.append(try yardstick(setting.broker.socket))
            created.append(try ask("create_node", number, load))
            _ = try ask("remove_node", number, load)
        }
        Report.figure(
            "p50 of create_node, of both", created.median / yardsticks.median, .atMost(5),
            "\(Report.microseconds(created.median)) of \(Report.microseconds(yardsticks.median))")
        for number in 0..<many { _ = try ask("create_node", number, load) }
        Report.figure(
            "RSS of pm-cluster with \(many) nodes: MB", try ProcessUsage.resident([cluster.pid]) / 1e6, .atMost(12))
        for number in 0..<many { _ = try ask("remove_node", number, load) }
    }

    private static func yardstick(_ socket: String) throws -> Double {
        var seconds = 0.0
        let start = bench_spawn_loop(1, &seconds), connect = bench_connect(socket)
        guard start > 0, connect > 0 else { throw BenchError("no yardstick") }
        return start + connect
    }

    /// - Returns: seconds until the answer.
    private static func ask(_ method: String, _ number: Int, _ load: Load) throws -> Double {
        let text = #"{"method":"\#(method)","args":{"node_id":"node-\#(number)"}}"#
        let begin = Instant.now
        let answer = try load.ask(
            Request(topic: "pm/cluster/node/control", payload: Array(text.utf8)), answers: response)
        let seconds = (Instant.now - begin).inSeconds
        let result = try JSONValue(String(decoding: answer, as: UTF8.self))["result"]
        guard result?["status"] == "success" else {
            throw BenchError("\(method): \(String(decoding: answer, as: UTF8.self))")
        }
        return seconds
    }
}
