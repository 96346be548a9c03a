import Glibc
import LinuxSystem
import TestSupport

/// The bytes between an idle agent and its broker, for metered links.
enum WireBench {
    private static let settings: [(name: String, text: String)] = [
        ("the default", "{}"),
        ("health_interval 300", #"{"health_interval":300}"#),
        ("health_interval 300, keep_alive 1200", #"{"health_interval":300,"keep_alive":1200}"#),
        (
            "health_interval 60, health_max_interval 1200, keep_alive 1200",
            #"{"health_interval":60,"health_max_interval":1200,"keep_alive":1200}"#
        ),
    ]

    /// An agent, and what it has sent and received.
    private final class Idle {
        let name: String
        let link: MeteredLink
        let agent: ChildProcess
        var connect = 0.0
        var first = 0.0

        init(_ name: String, _ configuration: String, _ number: Int, _ broker: Broker) throws {
            self.name = name
            link = try MeteredLink(to: broker.port)
            let folder = broker.folder
            try folder.write(configuration, to: "agent-\(number).json")
            agent = try ChildProcess(
                [
                    try Binaries.agent, "--host", "idle-\(number)", "--broker", "mqtt://127.0.0.1:\(link.port)",
                    "--state-dir", "\(folder.path)/state-\(number)", "--config", "\(folder.path)/agent-\(number).json",
                ], log: "\(folder.path)/agent-\(number)")
        }
    }

    static func run() throws {
        let seconds = getenv("PM_BENCH_SECONDS").flatMap { Double(String(cString: $0)) } ?? 3_600
        Report.title("bytes on the wire (IPv4 and TCP headers included), measured for \(Int(seconds)) s")
        let broker = try Broker(.init(tcp: true))
        defer { broker.stop() }
        let agents = try settings.enumerated().map { try Idle($1.name, $1.text, $0, broker) }
        defer { for idle in agents { idle.agent.end(with: SIGTERM) } }
        try wait(5, agents)
        for idle in agents {
            idle.connect = idle.link.bytes
            idle.link.cut()
        }
        // The reconnect, without the start.
        try wait(10, agents)
        for idle in agents {
            idle.first = idle.link.bytes
            idle.connect = idle.first - idle.connect
        }
        try wait(seconds, agents)
        Report.table(
            ["", "reconnect", "an hour"],
            agents.map { idle in
                let hour = (idle.link.bytes - idle.first) * 3_600 / seconds
                return [idle.name, "\(Int(idle.connect))", "\(Int(hour))"]
            })
        if let seldom = agents.last {
            let hour = (seldom.link.bytes - seldom.first) * 3_600 / seconds
            Report.figure("KB in an idle hour, \(seldom.name)", hour / 1e3, .atMost(10))
        }
    }

    private static func wait(_ seconds: Double, _ agents: [Idle]) throws {
        let end = Instant.now + .seconds(seconds)
        while .now < end { try MeteredLink.forward(agents.map(\.link), milliseconds: 100) }
    }
}
