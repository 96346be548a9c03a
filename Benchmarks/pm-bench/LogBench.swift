import CBench
import Glibc
import LinuxSystem
import Logs
import Model
import TestSupport

/// Writes the output of a process into rotated files, compared with s6-log and svlogd (Debian packages s6 and runit).
enum LogBench {
    static let lines = 1_000_000
    /// So many files that every contender keeps all lines.
    static let files = 20
    static let fileSize = 10_000_000

    static func run(rounds: Int) throws {
        Report.title("\(lines) lines of \(BENCH_LINE) bytes from one process into files of 10 MB")
        let folder = try TemporaryFolder()
        try run(rounds: rounds, directory: folder.path, "on disk")
        // In memory, where peers that call fsync at each rotation do not wait for a disk.
        let memory = "/dev/shm/pm-bench.\(getpid())"
        guard mkdir(memory, 0o700) == 0 else { return }
        defer { rmdir(memory) }
        try run(rounds: rounds, directory: memory, "in memory")
    }

    private static func run(rounds: Int, directory: String, _ place: String) throws {
        var samples: [(contender: any LogContender, samples: [LogSample])] = contenders.map { ($0, []) }
        for round in 0...rounds {
            for index in samples.indices {
                let sample = try samples[index].contender.measure(in: "\(directory)/logs")
                if round > 0 { samples[index].samples.append(sample) }
            }
        }
        guard let own = samples.first?.samples else { return }
        for (contender, samples) in samples {
            // The time that the contender takes, divided by pmqtt's.
            let ratios = zip(samples, own).map { $0.seconds / $1.seconds }
            Report.figure(
                "\(contender.name) \(place): time, ratio to pmqtt", ratios.median,
                contender.isPeer ? .atLeast(1) : .none,
                LogSample.median(of: samples))
        }
    }

    private static var contenders: [any LogContender] {
        let peers = [
            PeerLogger(name: "s6-log", program: "/usr/bin/s6-log", package: "s6"),
            PeerLogger(name: "svlogd", program: "/usr/bin/svlogd", package: "runit"),
        ]
        for peer in peers where !FileSystem.isExecutable(peer.program) {
            Report.title(
                "  \(peer.name) is not installed: apt-get install --no-install-recommends \(peer.package)")
        }
        return [OwnWriter(canSplice: true), OwnWriter(canSplice: false)]
            + peers.filter { FileSystem.isExecutable($0.program) }
    }
}

/// A program that writes lines from a pipe into files.
protocol LogContender {
    var name: String { get }
    /// Whether it is a yardstick that pmqtt should be at least as fast as.
    var isPeer: Bool { get }
    /// - Parameter directory: created by the contender, and removed again before it returns.
    func measure(in directory: String) throws -> LogSample
}

/// The measurements of one round.
struct LogSample {
    let seconds: Double
    /// Processor time of the logger alone.
    let processorSeconds: Double

    private static let bytes = Double(LogBench.lines) * Double(BENCH_LINE)

    static func median(of samples: [LogSample]) -> String {
        let rate = samples.map { bytes / 1e6 / $0.seconds }.median
        let cost = samples.map { $0.processorSeconds / bytes * 1e9 }.median
        return "\(Int(rate)) MB/s, \(Report.rounded(cost)) s of processor time per GB"
    }
}
