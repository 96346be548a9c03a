import LinuxSystem
import TestSupport

/// Memory and idle processor time of the agent and of the hub.
enum FootprintBench {
    private static let children = 1_000

    static func run() throws {
        Report.title("Memory and idle processor time")
        let setting = try AgentSetting()
        defer { setting.end() }
        // The pids are fixed here: the processor time of a replaced worker would start at zero.
        let agent = setting.processes
        let idle = try ProcessUsage.resident(agent)
        let shared = try ProcessUsage.proportional(agent)
        Report.figure(
            "keeper and worker, idle: MB resident", idle / 1e6, .atMost(11),
            "10^6 bytes; \(Report.rounded(shared / 1e6)) if shared memory counts once")
        let request = Request(
            topic: AgentSetting.control,
            payload: Array(#"{"start_process":{"path":"/bin/sleep","args":["1000"]}}"#.utf8))
        _ = try setting.load.measure(request, answers: AgentSetting.response, count: children, window: 16, qos: 1)
        // Wait for one health message: by then the memory for the starts is released or used again.
        try setting.load.settle(seconds: 11)
        let full = try ProcessUsage.resident(agent)
        Report.figure("per child: KB", (full - idle) / Double(children) / 1e3, .atMost(2), "\(children) children")
        let before = try ProcessUsage.processorSeconds(agent)
        let begin = Instant.now
        try setting.load.settle(seconds: 30)
        let used = try ProcessUsage.processorSeconds(agent) - before
        Report.figure(
            "idle with \(children) children: % of a core", 100 * used / (Instant.now - begin).inSeconds, .atMost(0.1),
            "over 30 s, health every 10 s")
        try plugin()
    }

    private static func plugin() throws {
        var memory: [Double] = []
        for hasHub in [false, true] {
            let broker = try Broker(.init(hub: hasHub))
            defer { broker.stop() }
            _ = try Load(socket: broker.socket, subscriptions: ["pm/#"])
            memory.append(Double(try broker.residentMemory))
        }
        Report.figure(
            "the plugin in the broker: MB", (memory[1] - memory[0]) / 1e6, .atMost(4),
            "\(Report.rounded(memory[1] / 1e6)) with it, \(Report.rounded(memory[0] / 1e6)) without")
    }
}
