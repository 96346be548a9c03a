import Glibc
import LinuxSystem

/// A child process that reads and writes given descriptors, with its processor time.
struct PipelinePart {
    private let pid: pid_t

    /// - Parameters:
    ///   - input: nil for the stdin of this program.
    ///   - output: nil for the stdout of this program.
    init(_ command: [String], input: Int32?, output: Int32?) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input { posix_spawn_file_actions_adddup2(&actions, input, 0) }
        if let output { posix_spawn_file_actions_adddup2(&actions, output, 1) }
        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, command[0], &actions, nil, &arguments, environ)
        guard code == 0 else { throw BenchError("\(command[0]): \(SystemError.reason(code))") }
        self.pid = pid
    }

    /// Waits until it has stopped itself with SIGSTOP.
    func awaitStop() throws {
        var status: Int32 = 0
        guard waitpid(pid, &status, WUNTRACED) == pid, status & 0xFF == 0x7F else {
            throw BenchError("a part of the pipeline ended")
        }
    }

    func resume() { kill(pid, SIGCONT) }

    /// Waits for its end.
    ///
    /// - Returns: its processor time in seconds.
    func wait() throws -> Double {
        var status: Int32 = 0
        var usage = rusage()
        guard wait4(pid, &status, 0, &usage) == pid, status == 0 else {
            throw BenchError("a part of the pipeline failed: \(status)")
        }
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
