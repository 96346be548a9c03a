import CBench
import Glibc
import LinuxSystem
import TestSupport

/// The time from a `create_node` request to its answer, through a real broker, pm-cluster and agent, compared with a
/// start of `/bin/true` plus one MQTT connect.
enum NodeBench {
    private static let many = 100

    static func run(rounds: Int) throws {
        Report.title("create_node, compared with a start of /bin/true plus one MQTT connect")
        try report("p50 of create_node, ratio to both", 4 * rounds, spares: 1, .atMost(5))
        try report("the same without a prestarted node", 10 * rounds, spares: 0, .none)
        let setting = try NodeSetting(spares: 1)
        defer { setting.end() }
        _ = try setting.ask("create_node", 0)
        try setting.awaitSpare()
        Report.figure(
            "PSS of a prestarted node: MB", try setting.spareMemory / 1e6, .none, "next to one agent and one node")
        for number in 1..<many { _ = try setting.ask("create_node", number) }
        Report.figure("RSS of pm-cluster with \(many) nodes: MB", try setting.clusterMemory / 1e6, .atMost(12))
        for number in 0..<many { _ = try setting.ask("remove_node", number) }
    }

    /// The first node is not counted, because the agent prestarts nodes only after a first request.
    private static func report(_ name: String, _ count: Int, spares: Int, _ bar: Report.Bar) throws {
        let setting = try NodeSetting(spares: spares)
        defer { setting.end() }
        var created: [Double] = []
        var yardsticks: [Double] = []
        for number in 0...count {
            if number > 0, spares > 0 { try setting.awaitSpare() }
            yardsticks.append(try setting.yardstick())
            created.append(try setting.ask("create_node", number))
            _ = try setting.ask("remove_node", number)
        }
        let (create, both) = (Array(created.dropFirst()).median, Array(yardsticks.dropFirst()).median)
        Report.figure(name, create / both, bar, "\(Report.microseconds(create)) of \(Report.microseconds(both))")
    }
}
