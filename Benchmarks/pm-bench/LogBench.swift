import CBench
import Glibc
import LinuxSystem
import Logs
import Model
import TestSupport

/// What a process writes, on its way into rotated files, beside s6-log and svlogd (Debian packages s6 and runit).
enum LogBench {
    static let lines = 1_000_000
    /// So many files and so large that all lines are kept, for everybody.
    static let files = 20
    static let fileSize = 10_000_000

    static func run(rounds: Int) throws {
        Report.title("\(lines) lines of \(BENCH_LINE) bytes from one process into files of 10 MB")
        let folder = try TemporaryFolder()
        try run(rounds: rounds, directory: folder.path, "on disk")
        // Where peers that call fsync at each rotation don't wait for it.
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
            // How many times as long it takes.
            let ratios = zip(samples, own).map { $0.seconds / $1.seconds }
            Report.figure(
                "\(contender.name) \(place): times as long", ratios.median, contender.isPeer ? .atLeast(1) : .none,
                LogSample.median(of: samples))
        }
    }

    private static var contenders: [any LogContender] {
        let peers = [
            PeerLogger(name: "s6-log", program: "/usr/bin/s6-log", package: "s6"),
            PeerLogger(name: "svlogd", program: "/usr/bin/svlogd", package: "runit"),
        ]
        for peer in peers where !FileSystem.isExecutable(peer.program) {
            Report.title("  no \(peer.name) here: apt-get install --no-install-recommends \(peer.package)")
        }
        return [OwnWriter(canSplice: true), OwnWriter(canSplice: false)]
            + peers.filter { FileSystem.isExecutable($0.program) }
    }
}

/// Somebody who takes lines from a pipe into files.
protocol LogContender {
    var name: String { get }
    /// Whether we want to be as fast.
    var isPeer: Bool { get }
    /// - Parameter directory: to be made, and gone at the end.
    func measure(in directory: String) throws -> LogSample
}

/// What one round measured.
struct LogSample {
    let seconds: Double
    /// Of the logger alone.
    let processorSeconds: Double

    private static let bytes = Double(LogBench.lines) * Double(BENCH_LINE)

    static func median(of samples: [LogSample]) -> String {
        let rate = samples.map { bytes / 1e6 / $0.seconds }.median
        let cost = samples.map { $0.processorSeconds / bytes * 1e9 }.median
        return "\(Int(rate)) MB/s, \(Report.rounded(cost)) s of processor time a GB"
    }
}
