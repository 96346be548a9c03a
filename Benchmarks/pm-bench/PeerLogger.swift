import Glibc
import LinuxSystem
import TestSupport

/// A program that writes its stdin into rotated files of a directory.
struct PeerLogger: LogContender {
    let name: String
    let program: String
    /// The Debian package.
    let package: String

    var isPeer: Bool { true }

    func measure(in directory: String) throws -> LogSample {
        try FileSystem.makeDirectories(directory)
        defer { _ = try? PipelinePart(["/bin/rm", "-r", directory], input: nil, output: nil).wait() }
        let source: PipelinePart
        let logger: PipelinePart
        do {
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw SystemError("create a pipe") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            let (readEnd, writeEnd) = (ends[0], ends[1])
            defer { for end in [readEnd, writeEnd] { close(end) } }
            let command = [try Binaries.find("pm-bench"), "lines", "\(LogBench.lines)"]
            source = try PipelinePart(command, input: nil, output: writeEnd)
            try source.awaitStop()
            logger = try PipelinePart(try arguments(directory), input: readEnd, output: nil)
        }
        let begin = Instant.now
        source.resume()
        let used = try logger.wait()
        let seconds = (Instant.now - begin).inSeconds
        _ = try source.wait()
        return LogSample(seconds: seconds, processorSeconds: used)
    }

    private func arguments(_ directory: String) throws -> [String] {
        if name == "s6-log" { return [program, "n\(LogBench.files)", "s\(LogBench.fileSize)", directory] }
        // svlogd reads its limits from a file.
        let config = try Descriptor.open("\(directory)/config", O_WRONLY | O_CREAT | O_TRUNC)
        FileSystem.write("s\(LogBench.fileSize)\nn\(LogBench.files)\n", to: config.number)
        return [program, directory]
    }
}
