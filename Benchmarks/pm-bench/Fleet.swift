import Glibc
import LinuxSystem

/// One supervisor with its workload and its measurements.
final class Fleet {
    let peer: any Peer
    private let workload: Workload
    private(set) var startSeconds = Double.nan
    /// Resident bytes of the supervisor's own processes.
    private(set) var resident = Double.nan
    private(set) var proportional = Double.nan
    /// Processor time while idle, as a share of one core.
    private(set) var idleShare = Double.nan
    private var latencies: [Query.Kind: [Double]] = [:]
    private var idleBegin = Instant.now
    private var processorSeconds = 0.0

    init(_ peer: any Peer, _ workload: Workload) {
        self.peer = peer
        self.workload = workload
    }

    func start() throws {
        let begin = Instant.now
        try peer.startAll()
        var running = RunningPrograms(workload.program, below: peer.root)
        while running.count() < workload.count {
            guard .now - begin < .seconds(120) else {
                throw BenchError("\(peer.name) runs \(running.count()) of \(workload.count)")
            }
            poll(nil, 0, 5)
        }
        startSeconds = (Instant.now - begin).inSeconds
    }

    /// Runs each query once and records its latency.
    func ask() throws {
        try peer.connect()
        for query in peer.queries {
            let begin = Instant.now
            let answer = try query.ask()
            latencies[query.kind, default: []].append((Instant.now - begin).inSeconds)
            let count = answer.count(of: query.mark)
            guard query.mark.isEmpty || count == workload.count else {
                let text = String(decoding: answer.prefix(300), as: UTF8.self)
                throw BenchError("\(peer.name): \(query.name) shows \(count) of \(workload.count): \(text)")
            }
        }
    }

    /// The median in seconds; nil if there was no such query.
    func latency(_ kind: Query.Kind) -> Double? { latencies[kind]?.median }

    func beginIdle() throws {
        let own = peer.ownProcesses
        resident = try ProcessUsage.resident(own)
        proportional = try ProcessUsage.proportional(own)
        processorSeconds = try ProcessUsage.processorSeconds(own)
        idleBegin = .now
    }

    func endIdle() throws {
        let used = try ProcessUsage.processorSeconds(peer.ownProcesses) - processorSeconds
        idleShare = used / (Instant.now - idleBegin).inSeconds
    }

    var row: [String] {
        func milliseconds(_ kind: Query.Kind) -> String {
            latency(kind).map { Report.rounded($0 * 1e3, places: 1) } ?? "–"
        }
        return [
            peer.name, Report.rounded(startSeconds), Report.rounded(resident / 1e6, places: 1),
            Report.rounded(proportional / 1e6, places: 1), milliseconds(.brief), milliseconds(.full),
            Report.rounded(idleShare * 100),
        ]
    }
}
