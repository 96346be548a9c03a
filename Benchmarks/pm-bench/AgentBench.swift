import CBench
import Glibc
import TestSupport

/// Compares the agent with two yardsticks: a C loop that spawns and reaps, and a bare MQTT echo client.
enum AgentBench {
    private static let control = AgentSetting.control
    private static let response = AgentSetting.response

    static func starts(rounds: Int) throws {
        Report.title("Starting /bin/true, compared with a C loop that spawns and reaps it")
        let setting = try AgentSetting()
        defer { setting.end() }
        let request = Request(topic: control, payload: Array(#"{"start_process":{"path":"/bin/true"}}"#.utf8))
        var rates: [Double] = []
        var loopRates: [Double] = []
        var latencies: [Double] = []
        var loopLatencies: [Double] = []
        let count = 1_000
        for round in 0...rounds {
            var seconds = [Double](repeating: 0, count: count)
            let loopTime = bench_spawn_loop(Int32(count), &seconds)
            let pipelined = try setting.load.measure(request, answers: response, count: count, window: 16, qos: 0)
            let single = try setting.load.measure(request, answers: response, count: count, window: 1, qos: 0)
            if round == 0 { continue }
            loopRates.append(Double(count) / loopTime)
            loopLatencies.append(loopTime / Double(count))
            rates.append(pipelined.rate)
            latencies.append(single.p50)
        }
        let ratios = zip(rates, loopRates).map { $0 / $1 }
        Report.figure(
            "starts per second, ratio to the loop", ratios.median, .atLeast(0.8),
            "\(Int(rates.median)) /s of \(Int(loopRates.median)) /s")
        let times = zip(latencies, loopLatencies).map { $0 / $1 }
        Report.figure(
            "p50 of one start, ratio to the loop", times.median, .atMost(3),
            "\(Report.microseconds(latencies.median)) of \(Report.microseconds(loopLatencies.median))")
    }

    static func roundTrip(rounds: Int) throws {
        Report.title("Request to response with 0 children, compared with a bare echo client at the same broker")
        let setting = try AgentSetting()
        defer { setting.end() }
        let echo = try ChildProcess(
            [try Binaries.find("pm-bench"), "echo", setting.broker.socket], log: "\(setting.broker.folder.path)/echo")
        defer { echo.end(with: SIGKILL) }
        let load = try Load(socket: setting.broker.socket, subscriptions: [response, "pm/echo/response"])
        try load.await("pm/echo/response", payload: "ready")
        let payload = Array(#"{"list_active_processes":{}}"#.utf8)
        for qos in [Int32(0), 1] {
            var agent: [Double] = []
            var bare: [Double] = []
            for round in 0...rounds {
                func sample(_ topic: String, _ answers: String) throws -> Double {
                    try load.measure(
                        Request(topic: topic, payload: payload), answers: answers, count: 3_000, window: 1, qos: qos
                    ).p50
                }
                let echoed = try sample("pm/echo/control", "pm/echo/response")
                let answered = try sample(control, response)
                if round == 0 { continue }
                bare.append(echoed)
                agent.append(answered)
            }
            Report.figure(
                "list_active_processes, QoS \(qos), ratio to echo", zip(agent, bare).map { $0 / $1 }.median, .atMost(2),
                "\(Report.microseconds(agent.median)) of \(Report.microseconds(bare.median))")
        }
    }
}
