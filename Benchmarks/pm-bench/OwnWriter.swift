import CBench
import Glibc
import LinuxSystem
import Logs
import Model
import TestSupport

/// The event loop and the log writer of the agent, without the rest of it.
struct OwnWriter: LogContender {
    let canSplice: Bool

    var name: String { canSplice ? "pmqtt" : "pmqtt, read and write" }
    var isPeer: Bool { false }

    func measure(in directory: String) throws -> LogSample {
        var rules = LogRules()
        rules.maximumSize = LogBench.fileSize
        rules.files = LogBench.files
        let files = LogFiles(directory: directory, name: "bench.stdout", rules: rules)
        let command = [try Binaries.find("pm-bench"), "lines", "\(LogBench.lines)"]
        let pipe = try LogPipe()
        let source = try PipelinePart(command, input: nil, output: pipe.childEnd.number)
        let writer = LogWriter(pipe: pipe.takeReadEnd(), files: files, canSplice: canSplice)
        defer {
            files.remove()
            rmdir(directory)
        }
        try source.awaitStop()
        let loop = try EventLoop()
        try loop.watch(writer.pipeNumber, for: .read) { _ in
            if writer.drain().rest == .ended { loop.stop() }
        }
        let before = SystemStatistics.processorSeconds()
        let begin = Instant.now
        source.resume()
        try loop.run()
        _ = writer.finish()
        let seconds = (Instant.now - begin).inSeconds
        let used = SystemStatistics.processorSeconds() - before
        _ = try source.wait()
        try check("\(directory)/\(files.name)")
        return LogSample(seconds: seconds, processorSeconds: used)
    }

    /// Checks that all lines are in the files, whole and in order.
    private func check(_ base: String) throws {
        var expected = 0
        for name in (1..<LogBench.files).reversed().map({ "\(base).\($0)" }) + [base] {
            guard FileSystem.kind(of: name) != nil else { continue }
            let bytes = try FileSystem.read(name, limit: LogBench.fileSize)
            let width = BENCH_LINE
            guard bytes.count.isMultiple(of: width) else { throw BenchError("\(name): a line is incomplete") }
            for start in stride(from: 0, to: bytes.count, by: width) {
                let number = bytes[start..<start + 9].reduce(0) { $0 * 10 + Int($1) - 48 }
                guard number == expected, bytes[start + width - 1] == UInt8(ascii: "\n") else {
                    throw BenchError("\(name): line \(expected) is missing")
                }
                expected += 1
            }
        }
        guard expected == LogBench.lines else { throw BenchError("\(LogBench.lines - expected) lines are missing") }
    }
}
