import Glibc
import LinuxSystem
import TestSupport

/// Memory and processor time of what stays up.
enum FootprintBench {
    private static let children = 1_000

    static func run() throws {
        Report.title("Memory and idle processor time")
        let setting = try AgentSetting()
        defer { setting.end() }
        let idle = try resident(setting.agent.pid)
        Report.figure("agent, idle: MB resident", idle / 1e6, .atMost(9), "10^6 bytes")
        let request = Request(
            topic: "pm/bench/control", payload: Array(#"{"start_process":{"path":"/bin/sleep","args":["1000"]}}"#.utf8))
        _ = try setting.load.measure(request, answers: "pm/bench/response", count: children, window: 16, qos: 1)
        // What the starts themselves needed is given back or used again by now: let one health message pass.
        try setting.load.settle(seconds: 11)
        let full = try resident(setting.agent.pid)
        Report.figure("a child: KB", (full - idle) / Double(children) / 1e3, .atMost(2), "\(children) of them")
        let before = try processorSeconds(setting.agent.pid)
        let begin = Instant.now
        try setting.load.settle(seconds: 30)
        let used = try processorSeconds(setting.agent.pid) - before
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

    private static func resident(_ pid: pid_t) throws -> Double {
        let line = String(decoding: try FileSystem.read("/proc/\(pid)/statm", limit: 4096), as: UTF8.self)
        let pages = line.split(separator: " ").dropFirst().first.flatMap { Double($0) }
        return (pages ?? .nan) * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// User and system time by the scheduler's own clock: the ticks of /proc/<pid>/stat are too coarse here.
    private static func processorSeconds(_ pid: pid_t) throws -> Double {
        let line = String(decoding: try FileSystem.read("/proc/\(pid)/schedstat", limit: 4096), as: UTF8.self)
        return (line.split(separator: " ").first.flatMap { Double($0) } ?? .nan) / 1e9
    }
}
