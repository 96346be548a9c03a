import Glibc
import LinuxSystem
import TestSupport

/// Reports the starts of pm-beacon, which a supervisor starts again each time that it ends.
final class Beacon {
    struct Start {
        let pid: pid_t
        let time: Instant
    }

    let workload: Workload
    let fifo: Descriptor
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let path = "\(folder.path)/start"
        guard mkfifo(path, 0o600) == 0 else { throw SystemError("make a fifo") }
        // Opened for writing too, so that reading does not find the end of the fifo while no beacon runs.
        fifo = try Descriptor.open(path, O_RDWR)
        workload = Workload(command: [try Binaries.find("pm-beacon"), path])
    }

    /// The next start; nil if there is none within `milliseconds`.
    func next(milliseconds: Int32) throws -> Start? {
        var poll = pollfd(fd: fifo.number, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&poll, 1, milliseconds) == 1 else { return nil }
        var words: [Int64] = [0, 0]
        let size = words.count * MemoryLayout<Int64>.size
        guard Glibc.read(fifo.number, &words, size) == size else { throw SystemError("read a start") }
        return Start(pid: pid_t(words[0]), time: Instant(nanoseconds: words[1]))
    }

    /// Seconds from a spawn by this process to the beacon's `main`: the lower bound for every supervisor.
    func startAlone(count: Int) throws -> [Double] {
        try (0..<count).map { _ in
            var arguments = workload.command.map { strdup($0) } + [nil]
            defer { for argument in arguments { free(argument) } }
            var pid: pid_t = 0
            let begin = Instant.now
            let code = posix_spawn(&pid, workload.command[0], nil, nil, &arguments, nil)
            guard code == 0, let start = try next(milliseconds: 10_000) else { throw BenchError("no beacon") }
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
            return (start.time - begin).inSeconds
        }
    }
}
