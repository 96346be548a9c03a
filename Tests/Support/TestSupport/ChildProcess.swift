package import Glibc

/// A child process in a process group of its own that cannot outlive the test: a watcher in the group holds one end of
/// a socket pair and kills the child when the other end closes, which happens whenever the test's process ends.
package final class ChildProcess: @unchecked Sendable {
    package let pid: pid_t
    private let lifeline: Int32
    private var isReaped = false

    /// - Parameter log: the file that stdout and stderr are appended to.
    package init(_ command: [String], log: String) throws {
        var ends: [Int32] = [-1, -1]
        // Not a pipe: the Glibc module has no pipe2, and other children must not inherit the test's end.
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw TestError.system("socketpair") }
        defer { close(ends[0]) }
        let script = "exec 3<&0 </dev/null; { read -r _ <&3; kill -KILL $$; } & exec 3<&-; exec \"$@\""
        do {
            pid = try Self.spawn(["/bin/sh", "-c", script, "sh"] + command, input: ends[0], log: log)
        } catch {
            close(ends[1])
            throw error
        }
        lifeline = ends[1]
    }

    deinit {
        end(with: SIGKILL)
        close(lifeline)
    }

    package var isRunning: Bool {
        var info = siginfo_t()
        return !isReaped && waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == 0
    }

    package func signal(_ signal: Int32) { if !isReaped { Glibc.kill(pid, signal) } }

    /// Waits until it ends by itself.
    ///
    /// - Returns: the wait status.
    package func wait() -> Int32 { end(with: 0) }
    package func ended() async throws -> Int32 { try await offPool { self.end(with: 0) } }

    /// Signals the process, waits for its end and kills the rest of its group.
    ///
    /// - Returns: the wait status; 0 if it had been reaped before.
    @discardableResult
    package func end(with signal: Int32) -> Int32 {
        guard !isReaped else { return 0 }
        Glibc.kill(pid, signal)
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        // While it is a zombie, its pid cannot be used again.
        Glibc.kill(-pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        isReaped = true
        return status
    }

    private static func spawn(_ command: [String], input: Int32, log: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // libmosquitto's sockets are not close-on-exec.
        for descriptor in Int32(3)..<512 { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The test's thread blocks signals that a daemon needs.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, command[0], &actions, &attributes, &arguments, environ)
        guard code == 0 else { throw TestError.system(command[0], code) }
        return pid
    }
}
