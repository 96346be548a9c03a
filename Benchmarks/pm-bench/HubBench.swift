import CBench
import LinuxSystem
import TestSupport

/// Compares requests through the hub with the same requests published directly to the host's topic.
enum HubBench {
    private static let direct = "pm/bench/control"
    private static let hub = "pm/hub/control"

    static func run(rounds: Int) throws {
        Report.title("Through the hub, as a ratio of publishing directly to pm/<host>/control")
        try withLoad(.init(hub: true)) { load in
            for size in [160, 16 * 1024] {
                for qos in [Int32(0), 1] {
                    for window in [1, 16, 256] {
                        try measure(load, size: size, qos: qos, window: window, rounds: rounds)
                    }
                }
            }
        }
        Report.title("The same if broker and hub use an ACL file")
        let folder = try TemporaryFolder()
        try folder.write("topic readwrite pm/#\n", to: "acl")
        let list = "acl_file \(folder.path)/acl"
        try withLoad(.init(hub: true, extra: ["plugin_opt_\(list)", list])) { load in
            for qos in [Int32(0), 1] { try measure(load, size: 160, qos: qos, window: 16, rounds: rounds) }
        }
    }

    private static func withLoad(_ options: Broker.Options, _ body: (Load) throws -> Void) throws {
        let broker = try Broker(options)
        defer { broker.stop() }
        // Each on its own processor: whether the scheduler lets them share one affects the figures more than the hub.
        if SystemStatistics.processorCount() > 1 {
            bench_pin(broker.pid, 0)
            bench_pin(0, 1)
        }
        // Later measurements and their children must be able to use all processors again.
        defer { bench_pin(0, -1) }
        let load = try Load(socket: broker.socket, subscriptions: [direct])
        load.publish("pm/bench/status", Array("online".utf8), isRetained: true)
        try body(load)
    }

    private static func measure(_ load: Load, size: Int, qos: Int32, window: Int, rounds: Int) throws {
        let payload = payload(size: size)
        let count = window == 1 ? 10_000 : 30_000
        var rates: [Double] = []
        var latencies: [Double] = []
        var directRates: [Double] = []
        var directLatencies: [Double] = []
        for round in 0...rounds {
            func sample(_ topic: String) throws -> Sample {
                try load.measure(
                    Request(topic: topic, payload: payload), answers: direct, count: count, window: window, qos: qos)
            }
            // In turn, and each first in every other round, so that the host's changing speed cancels out in the ratio.
            let isDirectFirst = round.isMultiple(of: 2)
            let first = try sample(isDirectFirst ? direct : hub)
            let second = try sample(isDirectFirst ? hub : direct)
            let (plain, routed) = isDirectFirst ? (first, second) : (second, first)
            if round == 0 { continue }
            rates.append(routed.rate / plain.rate)
            latencies.append(routed.p50 / plain.p50)
            directRates.append(plain.rate)
            directLatencies.append(plain.p50)
        }
        let name = "\(size) B, QoS \(qos), window \(window)"
        Report.figure(
            "\(name): throughput", rates.median, .atLeast(size == 160 ? 0.95 : 0.90),
            "directly \(Int(directRates.median)) /s")
        Report.figure(
            "\(name): p50", latencies.median, size == 160 ? .atMost(1.10) : .none,
            "directly \(Report.microseconds(directLatencies.median))")
    }

    /// A request of about `size` bytes that names its host first, as BlueZero's documents do.
    private static func payload(size: Int) -> [UInt8] {
        let (head, tail) = (#"{"host_name":"bench","start_process":{"path":"/bin/true","args":[""#, #""]}}"#)
        let filler = String(repeating: "x", count: max(0, size - head.utf8.count - tail.utf8.count))
        return Array((head + filler + tail).utf8)
    }
}
